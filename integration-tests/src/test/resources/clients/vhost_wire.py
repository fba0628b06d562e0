"""The parts of the vhost-user protocol that clients need which have no guest."""

import socket
import struct

GET_FEATURES, SET_FEATURES, SET_OWNER = 1, 2, 3
SET_MEM_TABLE, SET_VRING_NUM = 5, 8
GET_PROTOCOL_FEATURES, SET_PROTOCOL_FEATURES, GET_QUEUE_NUM = 15, 16, 17
GET_CONFIG = 24
VERSION, REPLY, NEED_REPLY = 1, 4, 8
PROTOCOL_FEATURES = 1 << 30
# Of the device (virtio 1.2, section 5.2.3) and of the protocol, by bit.
FEATURES = {
    1: "SIZE_MAX", 2: "SEG_MAX", 5: "RO", 6: "BLK_SIZE", 9: "FLUSH", 10: "TOPOLOGY", 11: "CONFIG_WCE",
    12: "MQ", 13: "DISCARD", 14: "WRITE_ZEROES", 28: "INDIRECT_DESC", 29: "EVENT_IDX", 32: "VERSION_1",
}
PROTOCOL = {
    0: "MQ", 3: "REPLY_ACK", 5: "BACKEND_REQ", 9: "CONFIG", 12: "INFLIGHT_SHMFD", 13: "RESET_DEVICE",
    15: "CONFIGURE_MEM_SLOTS", 16: "STATUS",
}


def names(bits, table):
    return " ".join(name for bit, name in table.items() if bits >> bit & 1)


class Wire:
    def __init__(self, path, timeout=20):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(timeout)
        self.socket.connect(path)

    def send(self, request, payload=b"", flags=VERSION, descriptors=()):
        message = struct.pack("<III", request, flags, len(payload)) + payload
        sent = socket.send_fds(self.socket, [message], descriptors)
        assert sent == len(message)

    def receive(self, count):
        data = bytearray()
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            if not more:
                raise EOFError("the back-end has closed the connection")
            data += more
        return bytes(data)

    def reply(self, request):
        """The payload of the next message, which is to be the reply to this request."""
        answered, flags, size = struct.unpack("<III", self.receive(12))
        assert answered == request and flags & REPLY, (answered, flags)
        return self.receive(size)

    def ask(self, request):
        self.send(request)
        return struct.unpack("<Q", self.reply(request))[0]

    def negotiate(self):
        """As any front-end begins; what is offered is taken."""
        self.features = self.ask(GET_FEATURES)
        assert self.features & PROTOCOL_FEATURES, hex(self.features)
        self.protocol = self.ask(GET_PROTOCOL_FEATURES)
        self.send(SET_PROTOCOL_FEATURES, struct.pack("<Q", self.protocol))
        self.queues = self.ask(GET_QUEUE_NUM)
        self.send(SET_OWNER)
        self.ask(GET_FEATURES)
        self.send(SET_FEATURES, struct.pack("<Q", self.features))

    def config(self, size=60):
        self.send(GET_CONFIG, struct.pack("<III", 0, size, 0) + bytes(size))
        return self.reply(GET_CONFIG)[12:]

    def is_closed(self):
        """Waits for the end of the connection."""
        try:
            while self.socket.recv(4096):
                pass
        except ConnectionResetError:
            pass
        return True
