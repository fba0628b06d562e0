package io.diskport.vhost.blk.testing;

import io.diskport.natives.LibcHost;
import io.diskport.natives.NativeError;
import io.diskport.natives.NativeMemory;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A connection to a back-end, message by message, right or wrong ones. Of one thread.
 *
 * <p>Descriptors that are sent stay the caller's; those that come are the receiver's.
 */
public final class Messages implements AutoCloseable {
    private static final int WAIT_MILLIS = 10_000;
    private static final int HEADER = 12;
    private static final int ROOM = 1 << 16;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int MSG_CMSG_CLOEXEC = 0x40000000;
    private static final int SOL_SOCKET = 1;
    private static final int SCM_RIGHTS = 1;
    private static final int EPIPE = 32;
    private static final int ECONNRESET = 104;
    private static final int MOST_DESCRIPTORS = 253;

    // struct msghdr, iovec and pollfd, one behind the other; then room for the descriptors
    private static final int IOV = 56;
    private static final int POLL = 72;
    private static final int CONTROL = 80;
    private static final int CONTROL_LENGTH = 16 + 4 * MOST_DESCRIPTORS + 4;

    private final int fd;
    private final ByteBuffer call = NativeMemory.allocate(CONTROL + CONTROL_LENGTH, 8);
    private final ByteBuffer data = NativeMemory.allocate(ROOM, 8);
    private final long base = NativeMemory.address(call);
    private boolean closed;

    /**
     * What a back-end sent.
     *
     * @param descriptors are open
     */
    public record Message(int request, int flags, byte[] payload, List<Integer> descriptors) {
        public long u64() {
            return Bytes.getU64(payload, 0);
        }
    }

    Messages(int fd) {
        this.fd = fd;
    }

    public static Messages connect(Path socket) throws IOException {
        return new Messages(Sys.connect(socket.toString()));
    }

    /** Sends one message with a right header. */
    public void send(int request, byte[] payload, int... descriptors) throws IOException {
        send(request, Vhost.VERSION, payload, descriptors);
    }

    public void send(int request, int flags, byte[] payload, int... descriptors)
            throws IOException {
        send(request, flags, payload.length, payload, descriptors);
    }

    /** Sends a message whose size is said to be another than it is. */
    public void send(int request, int flags, long size, byte[] payload, int... descriptors)
            throws IOException {
        sendRaw(Bytes.of().u32(request).u32(flags).u32(size).put(payload).array(), descriptors);
    }

    /** Sends bytes. */
    public void sendRaw(byte[] bytes, int... descriptors) throws IOException {
        data.put(0, bytes);
        int sent = 0;
        while (sent < bytes.length) {
            int now = sent == 0 ? descriptors.length : 0;
            message(sent, bytes.length - sent, now == 0 ? 0 : 16 + (4 * now + 7) / 8 * 8);
            if (now > 0) {
                call.putLong(CONTROL, 16 + 4L * now);
                call.putInt(CONTROL + 8, SOL_SOCKET);
                call.putInt(CONTROL + 12, SCM_RIGHTS);
                for (int i = 0; i < now; i++) {
                    call.putInt(CONTROL + 16 + 4 * i, descriptors[i]);
                }
            }
            long result = Sys.sendmsg(fd, base, MSG_NOSIGNAL);
            if (result == -EPIPE || result == -ECONNRESET) {
                throw new EOFException("the connection is over");
            }
            if (result < 0) {
                throw new IOException("sendmsg: " + NativeError.message((int) -result));
            }
            sent += (int) result;
        }
    }

    /** The next message, for which it waits. @throws EOFException if the connection is over */
    public Message receive() throws IOException {
        List<Integer> descriptors = new ArrayList<>();
        fill(0, HEADER, descriptors);
        int size = data.getInt(8);
        if (size < 0 || size > ROOM - HEADER) {
            throw new IOException("a message of " + size + " bytes");
        }
        int request = data.getInt(0);
        int flags = data.getInt(4);
        fill(HEADER, size, descriptors);
        byte[] payload = new byte[size];
        data.get(HEADER, payload);
        return new Message(request, flags, payload, List.copyOf(descriptors));
    }

    /** Sends a message and receives its reply. */
    public Message ask(int request, byte[] payload, int... descriptors) throws IOException {
        send(request, payload, descriptors);
        return reply(request);
    }

    /** Sends a message that needs a reply, and answers what it says: 0 is success. */
    public long acknowledged(int request, byte[] payload, int... descriptors) throws IOException {
        send(request, Vhost.VERSION | Vhost.NEED_REPLY, payload, descriptors);
        return reply(request).u64();
    }

    private Message reply(int request) throws IOException {
        Message reply = receive();
        if (reply.request != request || reply.flags != (Vhost.VERSION | Vhost.REPLY)) {
            throw new IOException(
                    "to request " + request + " came " + reply.request + ", flags " + reply.flags);
        }
        return reply;
    }

    /** Whether something can be received, or the connection is over. */
    public boolean hasInput(int millis) {
        call.putInt(POLL, fd);
        call.putInt(POLL + 4, Sys.POLLIN);
        return LibcHost.poll(base + POLL, 1, millis) > 0;
    }

    /** Waits for the end of the connection. @return how many messages came before it */
    public int awaitEnd() throws IOException {
        int messages = 0;
        while (true) {
            try {
                receive().descriptors.forEach(Sys::close);
                messages++;
            } catch (EOFException e) {
                return messages;
            }
        }
    }

    /** Says that nothing more will be sent. */
    public void shutdownOutput() {
        Sys.shutdown(fd, 1);
    }

    /** Ends the connection, whoever uses it meanwhile. */
    public void shutdown() {
        Sys.shutdown(fd, 2);
    }

    public int fd() {
        return fd;
    }

    private void fill(int offset, int length, List<Integer> descriptors) throws IOException {
        int got = 0;
        while (got < length) {
            if (!hasInput(WAIT_MILLIS)) {
                throw new IOException("nothing came in " + WAIT_MILLIS + " ms");
            }
            message(offset + got, length - got, CONTROL_LENGTH);
            long result = Sys.recvmsg(fd, base, MSG_CMSG_CLOEXEC);
            if (result == 0 || result == -ECONNRESET) {
                throw new EOFException("the connection is over");
            }
            Sys.checked("recvmsg", result);
            if (call.getLong(40) >= 16) {
                int count = (int) (call.getLong(CONTROL) - 16) / 4;
                for (int i = 0; i < count; i++) {
                    descriptors.add(call.getInt(CONTROL + 16 + 4 * i));
                }
            }
            got += (int) result;
        }
    }

    private void message(int offset, int length, int control) {
        call.putLong(0, 0).putInt(8, 0);
        call.putLong(16, base + IOV).putLong(24, 1);
        call.putLong(32, control == 0 ? 0 : base + CONTROL).putLong(40, control).putInt(48, 0);
        call.putLong(IOV, NativeMemory.address(data) + offset).putLong(IOV + 8, length);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            Sys.close(fd);
        }
    }
}
