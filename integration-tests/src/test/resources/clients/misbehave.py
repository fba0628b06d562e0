"""A vhost-user front-end that breaks the rules, and then waits until it is dropped.

Arguments: the socket; the rule.
"""

import os
import struct
import sys

from vhost_wire import GET_FEATURES, SET_FEATURES, SET_MEM_TABLE, SET_VRING_NUM, Wire

wire = Wire(sys.argv[1])
rule = sys.argv[2]
if rule == "garbage":
    wire.socket.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
elif rule == "no-version":
    wire.send(GET_FEATURES, flags=0)
elif rule == "endless-payload":
    wire.socket.sendall(struct.pack("<III", SET_FEATURES, 1, 0xFFFFFFFF))
elif rule == "short-payload":
    wire.negotiate()
    wire.send(SET_FEATURES, b"1234")
elif rule == "100-regions":
    wire.negotiate()
    memory = os.memfd_create("memory")
    os.truncate(memory, 4096)
    wire.send(SET_MEM_TABLE, struct.pack("<II", 100, 0) + bytes(32 * 100), descriptors=[memory])
elif rule == "region-beyond-its-file":
    wire.negotiate()
    memory = os.memfd_create("memory")
    os.truncate(memory, 4096)
    wire.send(
        SET_MEM_TABLE, struct.pack("<IIQQQQ", 1, 0, 0, 1 << 30, 1 << 40, 0), descriptors=[memory]
    )
elif rule == "queue-77777":
    wire.negotiate()
    wire.send(SET_VRING_NUM, struct.pack("<II", 77777, 128))
elif rule == "queue-of-100":
    wire.negotiate()
    wire.send(SET_VRING_NUM, struct.pack("<II", 0, 100))
else:
    sys.exit("no rule " + rule)
if wire.is_closed():
    print("dropped")
