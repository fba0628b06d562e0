"""The parts of NBD's protocol that clients need which do what no library would."""

import socket
import struct
import urllib.parse

OPT_GO, OPT_LIST = 7, 3
CMD_READ, CMD_DISC = 0, 2
IHAVEOPT = b"IHAVEOPT"
OPTION_REPLY = 0x3E889045565A9
REQUEST, SIMPLE_REPLY = 0x25609513, 0x67446698


class Wire:
    def __init__(self, uri):
        parts = urllib.parse.urlsplit(uri)
        self.export = urllib.parse.unquote(parts.path[1:]).encode()
        if parts.scheme == "nbd+unix":
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.connect(urllib.parse.parse_qs(parts.query)["socket"][0])
        else:
            self.socket = socket.create_connection((parts.hostname, parts.port))

    def receive(self, count):
        data = bytearray()
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            if not more:
                raise EOFError("the server has closed the connection")
            data += more
        return bytes(data)

    def greet(self):
        assert self.receive(16) == b"NBDMAGIC" + IHAVEOPT
        self.receive(2)

    def flags(self):
        self.socket.sendall(struct.pack(">I", 3))

    def option(self, option, data=b""):
        self.socket.sendall(IHAVEOPT + struct.pack(">II", option, len(data)) + data)

    def replies(self):
        """All replies to one option, up to the acknowledgement."""
        seen = []
        while True:
            magic, _, kind, length = struct.unpack(">QIII", self.receive(20))
            assert magic == OPTION_REPLY, hex(magic)
            data = self.receive(length)
            assert kind < 2**31, (hex(kind), data)
            if kind == 1:
                return seen
            seen.append(data)

    def go(self):
        self.option(OPT_GO, struct.pack(">I", len(self.export)) + self.export + b"\0\0")
        self.replies()

    def request(self, command, cookie, offset=0, length=0):
        self.socket.sendall(struct.pack(">IHHQQI", REQUEST, 0, command, cookie, offset, length))

    def reply(self, length=0):
        magic, error, cookie = struct.unpack(">IIQ", self.receive(16))
        assert magic == SIMPLE_REPLY, hex(magic)
        assert error == 0, error
        return cookie, self.receive(length)
