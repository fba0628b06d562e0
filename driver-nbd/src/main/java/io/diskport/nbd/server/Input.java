package io.diskport.nbd.server;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.LockSupport;

/**
 * The bytes that come from a client. {@link #bytes} has those that were not taken yet, from its
 * position to its limit. One thread.
 */
final class Input {
    /** It begins small, because many clients do little, and grows with what comes at once. */
    private static final int SMALLEST = 32 << 10;

    private static final int LARGEST = 256 << 10;

    private final Transport transport;
    private final Output output;
    private final byte[] early;
    private int earlyTaken;
    private boolean woken;

    /** What has come, ready to be taken. Another buffer after each {@link #more}. */
    ByteBuffer bytes = ByteBuffer.allocateDirect(SMALLEST).limit(0);

    /**
     * Nothing taken yet.
     *
     * @param output is sent before anybody waits here
     * @param early bytes that have come before
     */
    Input(Transport transport, Output output, byte[] early) {
        this.transport = transport;
        this.output = output;
        this.early = early;
    }

    /** Whether the connection is to be left to somebody else, so that nothing more comes. */
    boolean isWoken() {
        return woken || transport.isWoken();
    }

    /**
     * Gets more bytes behind those that are there.
     *
     * @param patient whether the client has other requests under way
     * @param rest for how long to leave it alone before, in nanoseconds
     * @return false if the connection is to be left to somebody else
     * @throws EOFException if there are no more
     */
    boolean more(boolean patient, long rest) throws IOException {
        makeRoom();
        int begin = bytes.position();
        bytes.position(bytes.limit()).limit(bytes.capacity());
        try {
            return more(bytes, patient, rest);
        } finally {
            bytes.flip().position(begin);
        }
    }

    /** Gets more of a request whose beginning is there. */
    boolean more() throws IOException {
        return more(false, 0);
    }

    /** Gets more of a request into a buffer, past the bytes that are there. */
    boolean more(ByteBuffer to) throws IOException {
        return more(to, false, 0);
    }

    private boolean more(ByteBuffer to, boolean patient, long rest) throws IOException {
        if (earlyTaken < early.length) {
            int count = Math.min(to.remaining(), early.length - earlyTaken);
            to.put(early, earlyTaken, count);
            earlyTaken += count;
            return true;
        }
        woken |= !output.send();
        if (!woken && rest > 0) {
            LockSupport.parkNanos(this, rest);
        }
        int count = woken ? Transport.WOKEN : transport.receive(to, patient && rest == 0);
        if (count == -1) {
            throw new EOFException("the client has gone without a word");
        }
        woken |= count == Transport.WOKEN;
        return !woken;
    }

    /**
     * Takes and forgets bytes.
     *
     * @return how many are still to come, if the connection is to be left to somebody else
     */
    long skip(long count) throws IOException {
        long missing = count;
        while (missing > 0) {
            int there = (int) Math.min(bytes.remaining(), missing);
            bytes.position(bytes.position() + there);
            missing -= there;
            if (missing > 0 && !more()) {
                return missing;
            }
        }
        return 0;
    }

    /** Takes bytes that are there. */
    byte[] take(int count) {
        byte[] taken = new byte[count];
        bytes.get(taken);
        return taken;
    }

    /** What was not taken, for whoever goes on. */
    byte[] rest() {
        byte[] rest = new byte[bytes.remaining() + early.length - earlyTaken];
        int there = bytes.remaining();
        bytes.get(rest, 0, there);
        System.arraycopy(early, earlyTaken, rest, there, early.length - earlyTaken);
        return rest;
    }

    private void makeRoom() {
        boolean full = bytes.limit() == bytes.capacity();
        if (full && bytes.capacity() < LARGEST) {
            ByteBuffer larger = ByteBuffer.allocateDirect(2 * bytes.capacity());
            bytes = larger.put(bytes).flip();
        } else if (!bytes.hasRemaining()) {
            bytes.clear().limit(0);
        } else if (full) {
            bytes.compact().flip();
        }
    }
}
