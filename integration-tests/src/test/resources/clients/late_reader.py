"""Asks for more than fits into any buffer, and takes no reply before its input ends.

Argument: the export's address; every 64 KiB of the node begin with their number.
"""

import struct
import sys
import threading

from nbd_wire import CMD_READ, Wire

COUNT, LENGTH, BLOCKS = 400, 65536, 16

wire = Wire(sys.argv[1])
wire.greet()
wire.flags()
wire.go()


def ask():
    for cookie in range(COUNT):
        wire.request(CMD_READ, cookie, cookie % BLOCKS * LENGTH, LENGTH)


# The server may stop to take requests while it cannot send.
asking = threading.Thread(target=ask, daemon=True)
asking.start()
wire.socket.recv(1, 2)  # MSG_PEEK: the first reply has come.
print("open")
sys.stdin.read()
seen = set()
for _ in range(COUNT):
    cookie, data = wire.reply(LENGTH)
    assert data[:8] == struct.pack(">Q", cookie % BLOCKS), (cookie, data[:8])
    seen.add(cookie)
asking.join()
assert len(seen) == COUNT
print("kept")
