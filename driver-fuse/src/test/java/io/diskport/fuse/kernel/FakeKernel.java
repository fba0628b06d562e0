package io.diskport.fuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.BlockException;
import io.diskport.natives.Libc;
import io.diskport.natives.NativeDescriptor;
import io.diskport.natives.NativeFunction;
import io.diskport.natives.NativeMemory;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The kernel's end of a connection, played over a pair of sockets that keep messages apart: sends
 * requests, takes replies, and answers a NOTIFY_RETRIEVE as the kernel does. Any thread.
 */
final class FakeKernel implements AutoCloseable {
    private static final int AF_UNIX = 1;
    private static final int SOCK_SEQPACKET = 5;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int SHUT_RDWR = 2;
    private static final int NOTIFY_RETRIEVE = 5;
    private static final int MOST = 128 << 10;
    private static final NativeFunction SOCKETPAIR = NativeFunction.ofInt("socketpair", 4);
    private static final NativeFunction SHUTDOWN = NativeFunction.ofInt("shutdown", 2);

    private final int daemon;
    private final int kernel;
    private final Map<Long, Reply> replies = new ConcurrentHashMap<>();
    private final Thread thread = new Thread(this::takeReplies, "fake-kernel");

    FakeKernel() {
        ByteBuffer pair = NativeMemory.allocate(8, 8);
        long result =
                SOCKETPAIR.call(
                        AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, NativeMemory.address(pair));
        Reference.reachabilityFence(pair);
        assertEquals(0, result, "socketpair");
        daemon = pair.getInt(0);
        kernel = pair.getInt(4);
        thread.setDaemon(true);
        thread.start();
    }

    /** The daemon's end; stays this object's. */
    int descriptor() {
        return daemon;
    }

    /** A connection with the daemon's end, to be closed by its user. */
    Connection connection(System.Logger log) throws BlockException {
        return Connection.takeOver(List.of(new NativeDescriptor(Libc.dup(daemon))), "0:0", log);
    }

    void send(byte[] request) {
        assertEquals(request.length, write(request), "the request is sent");
    }

    private long write(byte[] request) {
        ByteBuffer copy = NativeMemory.allocate(request.length, 8).put(request).flip();
        long sent = Libc.write(kernel, NativeMemory.address(copy), request.length);
        Reference.reachabilityFence(copy);
        return sent;
    }

    void send(Request request) {
        send(request.bytes());
    }

    Optional<Reply> reply(Request request) {
        return Optional.ofNullable(replies.get(request.unique()));
    }

    /** The reply to a request that was sent. */
    Reply await(Request request) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        synchronized (replies) {
            while (!replies.containsKey(request.unique())) {
                long left = deadline - System.nanoTime();
                assertTrue(left > 0, "no reply within 10 s");
                TimeUnit.NANOSECONDS.timedWait(replies, left);
            }
        }
        return replies.get(request.unique());
    }

    Reply ask(Request request) throws InterruptedException {
        send(request);
        return await(request);
    }

    /** There will be no more requests: what ENODEV is on the device. */
    void hangUp() {
        SHUTDOWN.call(kernel, SHUT_RDWR);
    }

    private void takeReplies() {
        ByteBuffer memory = NativeMemory.allocate(MOST, 8);
        long length = Libc.read(kernel, NativeMemory.address(memory), MOST);
        while (length > 0) {
            byte[] message = new byte[(int) length];
            memory.get(0, message);
            Reply reply = Reply.of(message);
            if (reply.unique() == 0 && reply.error() == NOTIFY_RETRIEVE) {
                // struct fuse_notify_retrieve_in, of which nothing is looked at; a test may have
                // hung up since
                write(new Request(Request.NOTIFY_REPLY).raw(40).bytes());
            } else {
                synchronized (replies) {
                    replies.put(reply.unique(), reply);
                    replies.notifyAll();
                }
            }
            length = Libc.read(kernel, NativeMemory.address(memory), MOST);
        }
        Reference.reachabilityFence(memory);
    }

    @Override
    public void close() throws InterruptedException {
        hangUp();
        thread.join(5000);
        Libc.close(kernel);
        Libc.close(daemon);
    }
}
