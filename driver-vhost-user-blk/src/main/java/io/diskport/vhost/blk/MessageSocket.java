package io.diskport.vhost.blk;

import io.diskport.natives.LibcSocket;
import io.diskport.natives.NativeDescriptor;
import io.diskport.natives.NativeError;
import io.diskport.natives.NativeMemory;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A connection that carries messages with descriptors. It never waits: what came in part is kept
 * until the rest has come. Of the thread of messages.
 */
final class MessageSocket implements AutoCloseable {
    private static final int MAX_PAYLOAD = 4096;

    /** More than any message has. */
    private static final int MOST_DESCRIPTORS = 32;

    /** SCM_MAX_FD: what one recvmsg may bring. */
    private static final int RECEIVED_DESCRIPTORS = 253;

    // struct msghdr and iovec, one behind the other; then the control message
    private static final int MSG_IOV = 16;
    private static final int MSG_IOVLEN = 24;
    private static final int MSG_CONTROL = 32;
    private static final int MSG_CONTROLLEN = 40;
    private static final int MSG_FLAGS = 48;
    private static final int IOVEC = 56;
    private static final int CONTROL = 72;
    private static final int CMSG_HEADER = 16;
    private static final int CONTROL_LENGTH = CMSG_HEADER + 4 * RECEIVED_DESCRIPTORS + 4;

    private final NativeDescriptor socket;
    private final ByteBuffer call = NativeMemory.allocate(CONTROL + CONTROL_LENGTH, 8);
    private final long callAddress = NativeMemory.address(call);
    private final ByteBuffer in = buffer(VhostUser.HEADER + MAX_PAYLOAD);
    private final ByteBuffer out = buffer(VhostUser.HEADER + MAX_PAYLOAD);
    private final List<NativeDescriptor> descriptors = new ArrayList<>();
    private int received;

    /** Takes over a connected socket. */
    MessageSocket(NativeDescriptor socket) {
        this.socket = socket;
    }

    private static ByteBuffer buffer(int size) {
        return NativeMemory.allocate(size, 8).order(ByteOrder.LITTLE_ENDIAN);
    }

    int fd() {
        return socket.fd();
    }

    /**
     * The next message; null if it has not come whole.
     *
     * @throws EOFException if the front-end has closed its end
     */
    Message receive() throws IOException, Misbehaviour {
        while (received < VhostUser.HEADER) {
            if (!receive(VhostUser.HEADER - received)) {
                return null;
            }
        }
        int flags = in.getInt(4);
        int size = in.getInt(8);
        if ((flags & VhostUser.VERSION_MASK) != VhostUser.VERSION
                || (flags & VhostUser.REPLY) != 0
                || size < 0
                || size > MAX_PAYLOAD) {
            throw new Misbehaviour(
                    "no message of vhost-user: request %d, flags 0x%x, %s bytes"
                            .formatted(in.getInt(0), flags, Integer.toUnsignedString(size)));
        }
        while (received < VhostUser.HEADER + size) {
            if (!receive(VhostUser.HEADER + size - received)) {
                return null;
            }
        }
        received = 0;
        ByteBuffer payload = in.slice(VhostUser.HEADER, size).order(ByteOrder.LITTLE_ENDIAN);
        Message message = new Message(in.getInt(0), flags, payload, descriptors);
        descriptors.clear();
        return message;
    }

    private boolean receive(int length) throws IOException, Misbehaviour {
        message(NativeMemory.address(in) + received, length, CONTROL_LENGTH);
        long result =
                LibcSocket.recvmsg(
                        socket.fd(),
                        callAddress,
                        LibcSocket.MSG_DONTWAIT | LibcSocket.MSG_CMSG_CLOEXEC);
        if (result == -NativeError.EAGAIN || result == -NativeError.EINTR) {
            return false;
        }
        if (result < 0 && result != -NativeError.ECONNRESET) {
            throw new IOException("recvmsg: " + NativeError.message((int) result));
        }
        if (result <= 0) {
            if (received > 0) {
                throw new Misbehaviour("its connection ended within a message");
            }
            throw new EOFException("the front-end has left");
        }
        takeDescriptors();
        received += (int) result;
        return true;
    }

    private void takeDescriptors() throws Misbehaviour {
        if (call.getLong(MSG_CONTROLLEN) >= CMSG_HEADER
                && call.getInt(CONTROL + 8) == LibcSocket.SOL_SOCKET
                && call.getInt(CONTROL + 12) == LibcSocket.SCM_RIGHTS) {
            int count = (int) (call.getLong(CONTROL) - CMSG_HEADER) / Integer.BYTES;
            for (int i = 0; i < count; i++) {
                int number = call.getInt(CONTROL + CMSG_HEADER + Integer.BYTES * i);
                NativeDescriptor descriptor = new NativeDescriptor(number);
                descriptors.add(descriptor);
            }
        }
        if (descriptors.size() > MOST_DESCRIPTORS) {
            throw new Misbehaviour("%d descriptors with one message".formatted(descriptors.size()));
        }
        if ((call.getInt(MSG_FLAGS) & LibcSocket.MSG_CTRUNC) != 0) {
            throw new Misbehaviour(
                    "descriptors of a message were lost: the daemon has too many open, or they"
                            + " were too many");
        }
    }

    /** Where the payload of a message to be sent is written; from 0 to {@code size}. */
    ByteBuffer prepare(int size) {
        for (int i = 0; i < size; i++) {
            out.put(VhostUser.HEADER + i, (byte) 0);
        }
        return out.slice(VhostUser.HEADER, size).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Sends the message that was prepared.
     *
     * @param descriptor goes with it, and stays the caller's; {@link Poll#NONE} for none
     * @return false if there is no room now: nothing was sent
     */
    boolean send(int request, int flags, int size, int descriptor) throws IOException {
        out.putInt(0, request).putInt(4, flags | VhostUser.VERSION).putInt(8, size);
        int length = VhostUser.HEADER + size;
        message(
                NativeMemory.address(out),
                length,
                descriptor < 0 ? 0 : CMSG_HEADER + 2 * Integer.BYTES);
        if (descriptor >= 0) {
            call.putLong(CONTROL, CMSG_HEADER + Integer.BYTES);
            call.putInt(CONTROL + 8, LibcSocket.SOL_SOCKET);
            call.putInt(CONTROL + 12, LibcSocket.SCM_RIGHTS);
            call.putInt(CONTROL + CMSG_HEADER, descriptor);
        }
        long result =
                LibcSocket.sendmsg(
                        socket.fd(),
                        callAddress,
                        LibcSocket.MSG_DONTWAIT | LibcSocket.MSG_NOSIGNAL);
        if (result == -NativeError.EAGAIN || result == -NativeError.EINTR) {
            return false;
        }
        if (result != length) {
            // The kernel takes so small a message whole, or not at all.
            throw new IOException(
                    "sendmsg: " + (result < 0 ? NativeError.message((int) result) : "in part"));
        }
        return true;
    }

    private void message(long data, int length, int control) {
        call.putLong(0, 0).putInt(8, 0);
        call.putLong(MSG_IOV, callAddress + IOVEC).putLong(MSG_IOVLEN, 1);
        call.putLong(MSG_CONTROL, control == 0 ? 0 : callAddress + CONTROL);
        call.putLong(MSG_CONTROLLEN, control).putInt(MSG_FLAGS, 0);
        call.putLong(IOVEC, data).putLong(IOVEC + 8, length);
    }

    /** The connection with what came in part; neither is this object's any more. */
    Map<String, Object> release() {
        byte[] begun = new byte[received];
        in.get(0, begun);
        List<NativeDescriptor> came = List.copyOf(descriptors);
        descriptors.clear();
        return Map.of(
                "socket",
                new NativeDescriptor(socket.release()),
                "received",
                begun,
                "descriptors",
                came);
    }

    static MessageSocket restore(Map<?, ?> saved) {
        MessageSocket restored = new MessageSocket((NativeDescriptor) saved.get("socket"));
        byte[] begun = (byte[]) saved.get("received");
        restored.in.put(0, begun);
        restored.received = begun.length;
        ((List<?>) saved.get("descriptors"))
                .forEach(one -> restored.descriptors.add((NativeDescriptor) one));
        return restored;
    }

    @Override
    public void close() {
        descriptors.forEach(NativeDescriptor::close);
        descriptors.clear();
        socket.close();
    }
}
