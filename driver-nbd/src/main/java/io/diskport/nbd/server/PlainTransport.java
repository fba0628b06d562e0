package io.diskport.nbd.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * A socket without TLS. It is not in blocking mode, because a thread that is blocked in a read can
 * only be got out by closing the socket, which would take the connection from the next version.
 */
final class PlainTransport implements Transport {
    private static final Consumer<SelectionKey> NOTHING = key -> {};

    /**
     * How long to look for the next request before going to sleep, where the requests before came
     * that fast: as long as the wake-up of a thread costs. QEMU's event loop does the same.
     */
    private static final long MOST_POLLING = 32_000;

    private static final long LEAST_POLLING = 4_000;

    /** How many receivers do not sleep now; polling is for a processor that nobody else needs. */
    private static final AtomicInteger AWAKE = new AtomicInteger();

    private static final int MOST_AWAKE =
            Math.max(1, Runtime.getRuntime().availableProcessors() / 2);

    private final SocketChannel channel;
    private final Selector input;
    private volatile Selector output;
    private volatile boolean woken;
    private volatile boolean nudged;
    private volatile long waitingSince;
    private volatile long blockedSince;
    private long polling;

    PlainTransport(SocketChannel channel) throws IOException {
        this.channel = channel;
        channel.configureBlocking(false);
        this.input = Selector.open();
        channel.register(input, SelectionKey.OP_READ);
    }

    @Override
    public int receive(ByteBuffer buffer, boolean patient) throws IOException {
        boolean slept = !patient;
        while (!woken) {
            int count = slept ? channel.read(buffer) : 0;
            if (count == 0 && polling > 0 && !patient) {
                count = poll(buffer);
            }
            if (count != 0) {
                return count;
            }
            if (nudged) {
                nudged = false;
                return 0;
            }
            sleep();
            slept = true;
        }
        return WOKEN;
    }

    private int poll(ByteBuffer buffer) throws IOException {
        if (AWAKE.get() > MOST_AWAKE) {
            return 0;
        }
        long begun = System.nanoTime();
        int count;
        do {
            Thread.onSpinWait();
            count = channel.read(buffer);
        } while (count == 0 && !woken && !nudged && System.nanoTime() - begun < polling);
        return count;
    }

    /** Sleeps until there is something, and learns whether it would have been worth polling. */
    private void sleep() throws IOException {
        long begun = System.nanoTime();
        waitingSince = begun | 1;
        AWAKE.decrementAndGet();
        try {
            input.select(NOTHING);
        } catch (ClosedSelectorException e) {
            throw new AsynchronousCloseException();
        } finally {
            AWAKE.incrementAndGet();
            waitingSince = 0;
        }
        if (!input.isOpen()) {
            throw new ClosedChannelException();
        }
        long slept = System.nanoTime() - begun;
        if (slept < MOST_POLLING) {
            polling = Math.min(MOST_POLLING, Math.max(LEAST_POLLING, polling * 2));
        } else {
            polling /= 2;
            if (polling < LEAST_POLLING) {
                polling = 0;
            }
        }
    }

    /** The thread that receives has begun; it counts as awake until {@link #leave}. */
    static void enter() {
        AWAKE.incrementAndGet();
    }

    /** The thread that receives has ended. */
    static void leave() {
        AWAKE.decrementAndGet();
    }

    @Override
    public boolean sendsWithoutWaiting() {
        return true;
    }

    @Override
    public void trySend(ByteBuffer[] buffers, int count) throws IOException {
        int first = 0;
        while (first < count && !buffers[first].hasRemaining()) {
            first++;
        }
        if (first < count) {
            write(buffers, first, count - first);
        }
    }

    private long write(ByteBuffer[] buffers, int first, int count) throws IOException {
        return count == 1 ? channel.write(buffers[first]) : channel.write(buffers, first, count);
    }

    @Override
    public boolean send(ByteBuffer[] buffers, int count) throws IOException {
        int first = 0;
        while (true) {
            while (first < count && !buffers[first].hasRemaining()) {
                first++;
            }
            if (first == count) {
                return true;
            }
            if (write(buffers, first, count - first) == 0) {
                if (woken) {
                    return false;
                }
                awaitRoom();
            }
        }
    }

    private void awaitRoom() throws IOException {
        Selector selector = output;
        if (selector == null) {
            selector = Selector.open();
            output = selector;
            channel.register(selector, SelectionKey.OP_WRITE);
            // Whoever woke or closed this did not know of the selector.
            if (woken || !channel.isOpen()) {
                selector.wakeup();
            }
        }
        leave();
        blockedSince = System.nanoTime() | 1;
        try {
            selector.select(NOTHING);
        } catch (ClosedSelectorException e) {
            throw new AsynchronousCloseException();
        } finally {
            blockedSince = 0;
            enter();
        }
        if (!channel.isOpen()) {
            throw new ClosedChannelException();
        }
    }

    @Override
    public void nudge() {
        nudged = true;
        input.wakeup();
    }

    @Override
    public void wake() {
        woken = true;
        input.wakeup();
        Selector selector = output;
        if (selector != null) {
            selector.wakeup();
        }
    }

    @Override
    public boolean isWoken() {
        return woken;
    }

    @Override
    public long waitingSince() {
        return waitingSince;
    }

    @Override
    public long blockedSince() {
        return blockedSince;
    }

    /** Gives the socket away, as it is. Nobody receives or sends any more. */
    SocketChannel release() throws IOException {
        closeSelectors();
        return channel;
    }

    @Override
    public void close() {
        try (channel) {
            woken = true;
        } catch (IOException e) {
            // Its other end has gone, or it has been closed already: it is closed.
            nudged = true;
        }
        try {
            // The descriptor goes when no selector has it any more.
            closeSelectors();
        } catch (IOException e) {
            // Its other end has gone, or it has been closed already: it is closed.
            woken = true;
        }
    }

    private void closeSelectors() throws IOException {
        input.close();
        Selector selector = output;
        if (selector != null) {
            selector.close();
        }
    }
}
