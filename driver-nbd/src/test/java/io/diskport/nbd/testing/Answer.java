package io.diskport.nbd.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a server answers to one request, put together from its chunks and checked strictly. */
public final class Answer {
    private static final int NONE = 0;
    private static final int OFFSET_DATA = 1;
    private static final int OFFSET_HOLE = 2;
    private static final int STATUS = 5;
    private static final int STATUS_EXTENDED = 6;
    private static final int ERROR = 0x8001;
    private static final int ERROR_OFFSET = 0x8002;

    /** A run of bytes of one state, as a client is told. */
    public record Run(long length, long state) {}

    public final int type;
    public final int flags;
    public final long offset;
    public final long length;

    /** 0 if all went well. */
    public int error;

    public String message = "";

    /** Of a READ that went well. */
    public byte[] data = {};

    /** Chunks with content, and how many of them are holes. */
    public int contents;

    public int holes;

    /** Of a BLOCK_STATUS: by the number of the context. */
    public final Map<Integer, List<Run>> status = new TreeMap<>();

    private final BitSet covered = new BitSet();
    private boolean done;

    Answer(int type, int flags, long offset, long length) {
        this.type = type;
        this.flags = flags;
        this.offset = offset;
        this.length = length;
    }

    boolean isDone() {
        return done;
    }

    /** A reply without chunks; its data is still to come if that is the answer. */
    int simple(int number) {
        error = number;
        done = true;
        return number == 0 && type == Wire.READ ? (int) length : 0;
    }

    void chunk(int chunkFlags, int chunkType, ByteBuffer payload) {
        assertFalse(done, "a chunk behind the last one");
        assertEquals(0, chunkFlags & ~1, "flags of a chunk");
        done = (chunkFlags & 1) != 0;
        switch (chunkType) {
            case NONE -> {
                assertTrue(done, "NONE that is not the last chunk");
                assertEquals(0, payload.remaining(), "payload of NONE");
            }
            case OFFSET_DATA -> {
                assertTrue(payload.remaining() >= 9, "OFFSET_DATA of " + payload.remaining());
                long at = payload.getLong();
                int count = payload.remaining();
                cover(at, count);
                payload.get(data, (int) (at - offset), count);
            }
            case OFFSET_HOLE -> {
                assertEquals(12, payload.remaining(), "payload of OFFSET_HOLE");
                long at = payload.getLong();
                cover(at, payload.getInt() & 0xffff_ffffL);
                holes++;
            }
            case STATUS, STATUS_EXTENDED -> status(chunkType == STATUS_EXTENDED, payload);
            case ERROR, ERROR_OFFSET -> error(chunkType == ERROR_OFFSET, payload);
            default -> throw new AssertionError("a chunk of type " + chunkType);
        }
        if (done && error == 0) {
            complete();
        }
    }

    private void cover(long at, long count) {
        assertEquals(Wire.READ, type, "content is for READ");
        assertTrue(count > 0, "an empty chunk");
        assertTrue(at >= offset && at + count <= offset + length, "content that was not wanted");
        int from = (int) (at - offset);
        int to = (int) (from + count);
        int next = covered.nextSetBit(from);
        assertTrue(next < 0 || next >= to, "content that comes twice");
        covered.set(from, to);
        contents++;
        if ((flags & Wire.DF) != 0) {
            assertEquals(1, contents, "content with DF");
        }
        if (data.length == 0) {
            data = new byte[(int) length];
        }
    }

    private void status(boolean extended, ByteBuffer payload) {
        assertEquals(Wire.BLOCK_STATUS, type, "status is for BLOCK_STATUS");
        int context = payload.getInt();
        int size = extended ? 16 : 8;
        if (extended) {
            int count = payload.getInt();
            assertTrue(count == 0 || count * 16 == payload.remaining(), "extents: " + count);
        }
        assertTrue(payload.hasRemaining(), "a status without extents");
        assertEquals(0, payload.remaining() % size, "length of the extents");
        List<Run> runs = new ArrayList<>();
        while (payload.hasRemaining()) {
            long run = extended ? payload.getLong() : payload.getInt() & 0xffff_ffffL;
            long state = extended ? payload.getLong() : payload.getInt() & 0xffff_ffffL;
            assertTrue(run > 0, "an extent of length " + run);
            runs.add(new Run(run, state));
        }
        assertTrue(runs.size() <= 1 << 20, "too many extents");
        assertTrue(status.put(context, runs) == null, "context " + context + " comes twice");
        if ((flags & Wire.REQ_ONE) != 0) {
            assertEquals(1, runs.size(), "extents with REQ_ONE");
        }
    }

    private void error(boolean withOffset, ByteBuffer payload) {
        error = payload.getInt();
        assertTrue(error != 0, "an error that is none");
        byte[] text = new byte[payload.getShort() & 0xffff];
        assertTrue(text.length <= 4096 && text.length <= payload.remaining(), "its text's length");
        payload.get(text);
        message = new String(text, StandardCharsets.UTF_8);
        if (withOffset) {
            long at = payload.getLong();
            assertTrue(at >= offset && at < offset + length, "where it went wrong: " + at);
        }
        assertEquals(0, payload.remaining(), "bytes behind an error");
    }

    private void complete() {
        if (type == Wire.READ) {
            assertEquals(length, covered.cardinality(), "how much was read");
        } else if (type == Wire.BLOCK_STATUS) {
            assertFalse(status.isEmpty(), "a status of nothing");
        }
    }
}
