"""A vhost-user front-end without a guest: says what it is offered, and asks once more when its input ends.

Arguments: the socket.
"""

import struct
import sys

from vhost_wire import FEATURES, GET_FEATURES, PROTOCOL, Wire, names

wire = Wire(sys.argv[1])
wire.negotiate()
config = wire.config()
print("features", names(wire.features, FEATURES))
print("protocol", names(wire.protocol, PROTOCOL))
print("queues", wire.queues)
print("capacity", struct.unpack_from("<Q", config, 0)[0])
print("block size", struct.unpack_from("<I", config, 20)[0])
print("queues of the device", struct.unpack_from("<H", config, 34)[0])
print("connected")
sys.stdin.read()
try:
    print("kept" if wire.ask(GET_FEATURES) == wire.features else "changed")
except (EOFError, OSError) as e:
    print("dropped:", e)
