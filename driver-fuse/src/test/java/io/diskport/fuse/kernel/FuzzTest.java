package io.diskport.fuse.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.fuse.testing.MemoryBackend;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Clock;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Requests that no kernel sends. The same in each run; another seed is {@code
 * -Ddiskport.fuse.seed=7}, and many more are {@code -Ddiskport.long=true}.
 */
@Timeout(1200)
class FuzzTest {
    private static final long SEED = Long.getLong("diskport.fuse.seed", 20_260_722L);

    /** In each of the two tests. */
    private static final int COUNT = Boolean.getBoolean("diskport.long") ? 3_000_000 : 110_000;

    private static final int CAPACITY = 16 << 10;
    private static final int MOST_LENGTH = 48 << 10;
    private static final int MOST_HANDLES = 6;
    private static final byte UNTOUCHED = (byte) 0xa5;
    private static final List<Integer> WITHOUT_REPLY =
            List.of(Request.FORGET, Request.BATCH_FORGET, Request.NOTIFY_REPLY);
    private static final int[] OPCODES = {
        Request.GETATTR,
        Request.SETATTR,
        Request.OPEN,
        Request.READ,
        Request.WRITE,
        Request.STATFS,
        Request.RELEASE,
        Request.FSYNC,
        Request.GETXATTR,
        Request.FLUSH,
        Request.INIT,
        Request.INTERRUPT,
        Request.NOTIFY_REPLY,
        Request.FORGET,
        Request.BATCH_FORGET,
        Request.FALLOCATE,
        Request.LSEEK,
        Request.COPY_FILE_RANGE
    };
    private static final long[] EDGES = {
        0,
        1,
        -1,
        39,
        40,
        79,
        80,
        4096,
        CAPACITY - 1,
        CAPACITY,
        CAPACITY + 1,
        MOST_LENGTH,
        MOST_LENGTH + 1,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        0xffff_ffffL,
        1L << 32,
        (1L << 32) + 1,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        Long.MAX_VALUE - CAPACITY
    };

    private final Random random = new Random(SEED);
    private final MemoryBackend backend = new MemoryBackend(20_000, true);

    @Test
    void everyRequestGetsAReplyThatIsOne() {
        backend.mostLength = MOST_LENGTH;
        try (Bench bench = new Bench(backend, true, CAPACITY, 0, Clock.systemUTC())) {
            fuzz(bench);
            servesAsEver(bench);
        }
    }

    @Test
    void soItIsWithAReadOnlyFileThatTheKernelReads() {
        MemoryBackend readOnly = new MemoryBackend(20_000, false);
        try (Bench bench = new Bench(readOnly, false, CAPACITY, 42, Clock.systemUTC())) {
            fuzz(bench);
            assertArrayEquals(new byte[20_000], readOnly.content());
            bench.succeed(4096, Request.read(0, 0, 4096));
        }
    }

    private void fuzz(Bench bench) {
        ByteBuffer before = bench.before();
        for (int i = 0; i < before.capacity(); i++) {
            before.put(i, UNTOUCHED);
        }
        byte[] request = {};
        int number = 0;
        try {
            for (; number < COUNT; number++) {
                request = request();
                backend.inline = random.nextBoolean();
                check(bench, request);
                if (number % 4096 == 0) {
                    checkMemory(before);
                }
            }
            checkMemory(before);
        } catch (RuntimeException | Error e) {
            int shown = Math.min(request.length, 200);
            throw new AssertionError(
                    "-Ddiskport.fuse.seed="
                            + SEED
                            + ", request "
                            + number
                            + " of "
                            + request.length
                            + " bytes: "
                            + HexFormat.of().formatHex(request, 0, shown),
                    e);
        }
    }

    /** Serves a request, and looks at what became of it; nothing unexpected has been logged. */
    private static void check(Bench bench, byte[] request) {
        int begun = bench.waits.size();
        Optional<Reply> answer = bench.serve(request);
        int ended = bench.waits.size();
        assertTrue(ended == begun || ended == begun + 2, "waiting begins and ends");
        bench.waits.clear();
        assertTrue(bench.context.lines.isEmpty(), () -> bench.context.lines.toString());
        if (request.length < 40) {
            assertTrue(answer.isEmpty(), "no number to answer to");
            return;
        }
        ByteBuffer header = ByteBuffer.wrap(request).order(ByteOrder.nativeOrder());
        int opcode = header.getInt(4);
        assertEquals(WITHOUT_REPLY.contains(opcode), answer.isEmpty(), "whether there is a reply");
        if (answer.isEmpty()) {
            return;
        }
        Reply reply = answer.get();
        assertEquals(header.getLong(8), reply.unique(), "unique");
        assertTrue(reply.error() <= 0 && reply.error() > -512, "error " + reply.error());
        assertTrue(reply.body().length <= CAPACITY, "length " + reply.body().length);
        if (reply.error() != 0) {
            assertEquals(0, reply.body().length, "an error has no body");
        } else {
            int came = Math.max(0, Math.min(header.getInt(0), request.length));
            assertTrue(came >= 40 + fieldsOf(opcode), "fields that did not come");
            assertBody(opcode, header, reply.body().length);
        }
        assertTrue(bench.backend.length() <= MOST_LENGTH, "the file's length");
        if (reply.error() == 0 && opcode == Request.OPEN) {
            forgetHandles(bench, reply.u64(0));
        }
    }

    private static int fieldsOf(int opcode) {
        return switch (opcode) {
            case Request.SETATTR -> 88;
            case Request.OPEN -> 8;
            case Request.READ, Request.WRITE -> 40;
            case Request.RELEASE, Request.FLUSH, Request.LSEEK -> 24;
            case Request.FSYNC -> 16;
            case Request.FALLOCATE -> 32;
            case Request.COPY_FILE_RANGE -> 56;
            // STATFS has none, and is answered whatever its header says.
            case Request.STATFS -> -40;
            default -> 0;
        };
    }

    /** The kernel refuses a reply of another length than it expects. */
    private static void assertBody(int opcode, ByteBuffer request, int length) {
        switch (opcode) {
            case Request.GETATTR, Request.SETATTR -> assertEquals(104, length);
            case Request.OPEN -> assertEquals(16, length);
            case Request.WRITE, Request.LSEEK, Request.COPY_FILE_RANGE -> assertEquals(8, length);
            case Request.STATFS -> assertEquals(80, length);
            case Request.READ -> assertTrue(length <= request.getInt(56), "more than wanted");
            default -> assertEquals(0, length, "opcode " + opcode);
        }
    }

    private static void forgetHandles(Bench bench, long last) {
        if (bench.file.openHandles() > MOST_HANDLES) {
            for (long handle = 1; handle <= last; handle++) {
                bench.file.release(handle);
            }
        }
    }

    private static void checkMemory(ByteBuffer before) {
        for (int i = 0; i < before.capacity(); i++) {
            assertEquals(UNTOUCHED, before.get(i), "the memory before the request, at " + i);
        }
    }

    private void servesAsEver(Bench bench) {
        backend.inline = false;
        byte[] data = new byte[CAPACITY];
        random.nextBytes(data);
        int written = bench.succeed(8, Request.write(0, 0, data)).u32(0);
        assertEquals(CAPACITY, written);
        assertArrayEquals(
                data, bench.succeed(CAPACITY, Request.read(0, 0, CAPACITY)).body(), "READ");
        assertEquals(backend.length(), bench.succeed(104, Request.getattr()).u64(24));
    }

    private byte[] request() {
        return switch (random.nextInt(8)) {
            case 0 -> noise();
            case 1, 2 -> headerWithNoise();
            case 3 -> lie(likely().bytes());
            case 4 -> truncated(likely());
            case 5 -> mutated(likely().bytes());
            default -> edges();
        };
    }

    private byte[] noise() {
        byte[] bytes = new byte[1 + random.nextInt(random.nextInt(16) == 0 ? CAPACITY : 200)];
        random.nextBytes(bytes);
        return bytes;
    }

    private byte[] headerWithNoise() {
        byte[] body = new byte[random.nextInt(random.nextInt(16) == 0 ? CAPACITY : 120)];
        random.nextBytes(body);
        return new Request(OPCODES[random.nextInt(OPCODES.length)]).raw(body).bytes();
    }

    private byte[] lie(byte[] request) {
        long length = random.nextBoolean() ? edge() : request.length + random.nextInt(9) - 4;
        ByteBuffer.wrap(request).order(ByteOrder.nativeOrder()).putInt(0, (int) length);
        return request;
    }

    private byte[] truncated(Request request) {
        return request.bytes(1 + random.nextInt(request.length()));
    }

    private byte[] mutated(byte[] request) {
        for (int i = random.nextInt(4); i >= 0; i--) {
            request[random.nextInt(Math.min(request.length, 140))] = (byte) random.nextInt();
        }
        return request;
    }

    /** Some fields are at the edge of something. */
    private byte[] edges() {
        byte[] bytes = likely().bytes();
        ByteBuffer fields = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        int words = (Math.min(bytes.length, 130) - 40) / 8;
        for (int i = random.nextInt(3); i >= 0 && words > 0; i--) {
            int place = 40 + 8 * random.nextInt(words);
            if (random.nextBoolean()) {
                fields.putLong(place, edge());
            } else {
                fields.putInt(place + 4 * random.nextInt(2), (int) edge());
            }
        }
        return bytes;
    }

    private long edge() {
        return EDGES[random.nextInt(EDGES.length)];
    }

    /** What a kernel may well send. */
    private Request likely() {
        long handle = random.nextInt(MOST_HANDLES + 2);
        long offset = random.nextInt(MOST_LENGTH);
        return switch (random.nextInt(14)) {
            case 0 -> Request.getattr();
            case 1 ->
                    Request.setattr(random.nextInt(1 << 12))
                            .at(8, handle)
                            .at(16, offset)
                            .at(56, random.nextInt(1_100_000_000))
                            .at(68, random.nextInt());
            case 2 -> Request.open(random.nextInt(1 << 18), random.nextInt(2));
            case 3, 4 -> Request.read(handle, offset, random.nextInt(CAPACITY));
            case 5, 6 -> write(handle, offset);
            case 7 -> Request.statfs();
            case 8 -> Request.release(handle);
            case 9 -> random.nextBoolean() ? Request.fsync(handle) : Request.flush(handle);
            case 10 -> Request.fallocate(handle, random.nextInt(32), offset, 1 + offset / 2);
            case 11 -> Request.lseek(handle, offset, random.nextInt(6));
            case 12 -> Request.copy(offset, random.nextInt(MOST_LENGTH), random.nextInt(20_000));
            default -> new Request(random.nextInt(64)).raw(random.nextInt(64));
        };
    }

    private Request write(long handle, long offset) {
        byte[] data = new byte[random.nextInt(random.nextInt(8) == 0 ? CAPACITY : 300)];
        Arrays.fill(data, (byte) offset);
        int flags = random.nextInt(4) == 0 ? 0x400 : 0;
        return Request.write(handle, offset, data.length, random.nextInt(8), flags).raw(data);
    }
}
