package io.diskport.testkit;

import io.diskport.api.BlockException;
import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.manage.NodeManager;
import io.diskport.api.node.BlockLimits;
import io.diskport.api.node.BlockNode;
import io.diskport.api.node.BlockNodeDriver;
import io.diskport.api.node.NodeContext;
import io.diskport.api.node.RequestFlags;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** A node in memory that counts, and that fails and hangs when it is told to. Any thread. */
public final class TestNode implements BlockNode {
    private static final BlockLimits LIMITS = BlockLimits.ANY;

    private final AtomicInteger flushes = new AtomicInteger();
    private final AtomicInteger forced = new AtomicInteger();
    private final AtomicInteger discards = new AtomicInteger();
    private final AtomicInteger zeroes = new AtomicInteger();
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile Errno failure;
    private volatile Errno flushFailure;
    private volatile CountDownLatch hang;
    private byte[] bytes;

    private TestNode(int length) {
        bytes = new byte[length];
    }

    /** How often it was flushed. */
    public int flushes() {
        return flushes.get();
    }

    /** How many writes and zeroes were to be on stable storage at once. */
    public int forced() {
        return forced.get();
    }

    /** How often something was discarded. */
    public int discards() {
        return discards.get();
    }

    /** How often zeroes were written. */
    public int zeroes() {
        return zeroes.get();
    }

    /** How many requests hang now. */
    public int waiting() {
        return waiting.get();
    }

    /** Has every request fail from now on, or work again with null. */
    public void fail(Errno errno) {
        failure = errno;
    }

    /** Has every flush fail from now on, or work again with null. */
    public void failFlushes(Errno errno) {
        flushFailure = errno;
    }

    /** Has every request hang from now on. */
    public void hang() {
        hang = new CountDownLatch(1);
    }

    /** Lets those that hang go on. */
    public void release() {
        CountDownLatch held = hang;
        hang = null;
        if (held != null) {
            held.countDown();
        }
    }

    /** A copy of what it holds. */
    public synchronized byte[] content() {
        return bytes.clone();
    }

    /** Replaces what it holds. */
    public synchronized void fill(byte[] content) {
        System.arraycopy(content, 0, bytes, 0, content.length);
    }

    private void pass() throws BlockIOException {
        CountDownLatch held = hang;
        if (held != null) {
            waiting.incrementAndGet();
            try {
                held.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new BlockIOException(Errno.EINTR, "interrupted");
            } finally {
                waiting.decrementAndGet();
            }
        }
        check(failure);
    }

    private static void check(Errno wanted) throws BlockIOException {
        if (wanted != null) {
            throw new BlockIOException(wanted, "the test wants " + wanted);
        }
    }

    @Override
    public synchronized long length() {
        return bytes.length;
    }

    @Override
    public BlockLimits limits() {
        return LIMITS;
    }

    @Override
    public void read(long offset, ByteBuffer destination) throws BlockIOException {
        pass();
        synchronized (this) {
            destination.put(bytes, (int) offset, destination.remaining());
        }
    }

    @Override
    public void write(long offset, int flags, ByteBuffer source) throws BlockIOException {
        pass();
        count(flags);
        synchronized (this) {
            source.get(bytes, (int) offset, source.remaining());
        }
    }

    private void count(int flags) {
        if ((flags & RequestFlags.FUA) != 0) {
            forced.incrementAndGet();
        }
    }

    @Override
    public void flush() throws BlockIOException {
        pass();
        check(flushFailure);
        flushes.incrementAndGet();
    }

    @Override
    public void discard(long offset, long length, int flags) throws BlockIOException {
        pass();
        discards.incrementAndGet();
    }

    @Override
    public void writeZeroes(long offset, long length, int flags) throws BlockIOException {
        pass();
        count(flags);
        zeroes.incrementAndGet();
        synchronized (this) {
            Arrays.fill(bytes, (int) offset, (int) (offset + length), (byte) 0);
        }
    }

    @Override
    public synchronized void truncate(long length) {
        bytes = Arrays.copyOf(bytes, (int) length);
    }

    @Override
    public void close() {
        release();
    }

    /** Makes them. */
    static final class Driver implements BlockNodeDriver<Driver.Options> {
        static final String KIND = "testkit";

        private final Map<String, TestNode> made = new ConcurrentHashMap<>();

        /** None. */
        record Options() {}

        static Map<String, Object> options(String name, String discard) {
            return Map.of("driver", KIND, "node-name", name, "discard", discard);
        }

        TestNode add(NodeManager manager, String name, int length) {
            TestNode node = new TestNode(length);
            made.put(name, node);
            try {
                manager.add(options(name, "unmap"));
            } catch (BlockException e) {
                throw new AssertionError("adding node " + name + ": " + e.getMessage(), e);
            }
            return node;
        }

        @Override
        public Class<Options> optionsType() {
            return Options.class;
        }

        @Override
        public BlockNode open(NodeContext context, Options options) {
            return made.get(context.nodeName());
        }
    }
}
