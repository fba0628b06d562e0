"""A vhost-user front-end that sends descriptors which nobody has asked for.

Arguments: the socket.
"""

import os
import sys

from vhost_wire import GET_FEATURES, Wire

wire = Wire(sys.argv[1])
surplus = os.memfd_create("surplus")
for count in 1, 8, 200:
    wire.send(GET_FEATURES, descriptors=[surplus] * count)
    try:
        wire.reply(GET_FEATURES)
    except (EOFError, ConnectionResetError):
        wire = Wire(sys.argv[1])
wire.ask(GET_FEATURES)
print("sent")
sys.stdin.read()
