package io.diskport.tls.x509;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.util.concurrent.TimeUnit;

/** A channel of which a test can see whether somebody is stuck in it. */
final class Watched implements ByteChannel {
    private static final long STUCK = TimeUnit.MILLISECONDS.toNanos(200);

    private final ByteChannel channel;
    private volatile long readSince;
    private volatile long writeSince;

    Watched(ByteChannel channel) {
        this.channel = channel;
    }

    /** Waits until a read has been waiting for a while. */
    void awaitReader() throws IOException {
        await(() -> readSince);
    }

    /** Waits until a write has been waiting for a while. */
    void awaitWriter() throws IOException {
        await(() -> writeSince);
    }

    private static void await(java.util.function.LongSupplier since) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        long start = since.getAsLong();
        while (start == 0 || System.nanoTime() - start < STUCK) {
            if (System.nanoTime() > deadline) {
                throw new IOException("Nobody waits");
            }
            Thread.onSpinWait();
            start = since.getAsLong();
        }
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        readSince = System.nanoTime() | 1;
        try {
            return channel.read(target);
        } finally {
            readSince = 0;
        }
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        writeSince = System.nanoTime() | 1;
        try {
            return channel.write(source);
        } finally {
            writeSince = 0;
        }
    }

    @Override
    public boolean isOpen() {
        return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
