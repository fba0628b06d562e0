package io.diskport.fuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.diskport.api.Errno;
import io.diskport.fuse.file.FuseFile;
import io.diskport.fuse.testing.FakeContext;
import io.diskport.fuse.testing.MemoryBackend;
import io.diskport.natives.NativeMemory;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The operations of one worker without a kernel: bytes in, bytes out. One thread. */
final class Bench implements AutoCloseable {
    final MemoryBackend backend;
    final FakeContext context;
    final FuseFile file;
    final RequestBuffer buffer;

    /** What the operations said of waiting: "READ", then "end 512". */
    final List<String> waits = new ArrayList<>();

    private final Operations operations;

    Bench(MemoryBackend backend, boolean growable, int capacity, int backing, Clock clock) {
        this.backend = backend;
        this.context = new FakeContext(backend);
        this.file = new FuseFile(context, growable, true, 12, 34, clock);
        this.buffer = new RequestBuffer(capacity);
        this.operations = new Operations(buffer, file, new Waits(), backing);
    }

    Bench(MemoryBackend backend, boolean growable) {
        this(backend, growable, 64 << 10, 0, Clock.systemUTC());
    }

    /** Serves a request; empty if it has no reply. */
    Optional<Reply> serve(byte[] request) {
        NativeMemory.view(buffer.requestAddress(), buffer.requestRoom()).put(request);
        if (!buffer.received(request.length)) {
            return Optional.empty();
        }
        operations.serve();
        if (buffer.replyLength() == 0) {
            return Optional.empty();
        }
        byte[] reply = new byte[buffer.replyLength()];
        NativeMemory.view(buffer.replyAddress(), reply.length).get(reply);
        return Optional.of(Reply.of(reply));
    }

    /** Serves a request that has to be answered with its number. */
    Reply answer(Request request) {
        Reply reply = serve(request.bytes()).orElseThrow();
        assertEquals(request.unique(), reply.unique(), "unique");
        assertEquals(reply.error(), buffer.error(), "the buffer's error");
        return reply;
    }

    /** Serves a request that has to succeed, with so long a body. */
    Reply succeed(int body, Request request) {
        Reply reply = answer(request);
        assertEquals(0, reply.error(), "error");
        assertEquals(body, reply.body().length, "length of the body");
        return reply;
    }

    /** Serves a request that has to fail, with nothing but the number. */
    void fail(Errno errno, Request request) {
        Reply reply = answer(request);
        assertEquals(-errno.number(), reply.error(), "error");
        assertEquals(0, reply.body().length, "length of the body");
    }

    /** A view of the memory before the place of a request, which nobody has to touch. */
    ByteBuffer before() {
        int offset = 4096 - 80;
        return NativeMemory.view(buffer.requestAddress() - offset, offset);
    }

    @Override
    public void close() {
        buffer.close();
    }

    private final class Waits implements MayWait {
        @Override
        public void begin(Kind kind) {
            waits.add(kind.name());
        }

        @Override
        public void end(long bytes) {
            waits.add("end " + bytes);
        }
    }
}
