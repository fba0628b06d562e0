"""Stops in the middle of a handshake until its input ends; then goes on and reads.

Arguments: the export's address; after which step: connected, greeted, flagged, listed or half.
"""

import sys

from nbd_wire import CMD_READ, IHAVEOPT, OPT_LIST, Wire

wire = Wire(sys.argv[1])
stop = sys.argv[2]


def step(name):
    if name == stop:
        print("open")
        sys.stdin.read()


step("connected")
wire.greet()
step("greeted")
wire.flags()
step("flagged")
wire.option(OPT_LIST)
assert len(wire.replies()) > 0
step("listed")
if stop == "half":
    wire.socket.sendall(IHAVEOPT + b"\0\0\0")
    step("half")
    wire.socket.sendall(b"\3\0\0\0\0")
    wire.replies()
wire.go()
wire.request(CMD_READ, 1, 0, 512)
wire.reply(512)
print("kept")
