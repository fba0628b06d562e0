package io.diskport.qmp;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;

/**
 * What is to be written to a client, in order, on a thread of its own.
 *
 * <p>A client that does not read holds up the answers to its own commands, and no more of those are
 * taken then. Events wait for it, up to a bound; beyond it, it is dropped: one that has missed
 * events could not know what there is, and one that connects again asks.
 */
final class Outbox {
    /** How much may wait before answers do. */
    private static final int MOST_BYTES = 64 << 10;

    /** How much of events may wait. */
    static final int MOST_EVENT_BYTES = 1 << 20;

    private record Item(byte[] bytes, boolean event) {}

    private final WritableByteChannel channel;
    private final Runnable overflow;
    private final Queue<Item> items = new ArrayDeque<>();
    private final Thread thread;
    private long bytes;
    private long eventBytes;

    /** Whether something was taken out of the queue and is not written yet. */
    private boolean writing;

    private boolean closed;

    /**
     * @param overflow is run once, on any thread, if the client has to be dropped; it closes the
     *     channel
     */
    Outbox(String name, WritableByteChannel channel, Runnable overflow) {
        this.channel = channel;
        this.overflow = overflow;
        this.thread = new Thread(this::run, name);
        thread.setDaemon(true);
        thread.setContextClassLoader(null);
    }

    void start() {
        thread.start();
    }

    /** Adds an answer, when there is room for it. */
    void answer(byte[] text) throws InterruptedException {
        synchronized (this) {
            while (bytes > MOST_BYTES && !closed) {
                wait();
            }
            add(new Item(text, false));
        }
    }

    /** Adds an event. Does not block. */
    void event(byte[] text) {
        boolean tooMuch;
        synchronized (this) {
            if (closed) {
                return;
            }
            tooMuch = eventBytes + text.length > MOST_EVENT_BYTES;
            if (!tooMuch) {
                add(new Item(text, true));
            }
        }
        if (tooMuch) {
            close();
            overflow.run();
        }
    }

    private void add(Item item) {
        if (!closed) {
            items.add(item);
            bytes += item.bytes().length;
            eventBytes += item.event() ? item.bytes().length : 0;
            notifyAll();
        }
    }

    private void run() {
        try {
            for (Item item = next(); item != null; item = next()) {
                ByteBuffer buffer = ByteBuffer.wrap(item.bytes());
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                written(item);
            }
        } catch (IOException e) {
            // The client has gone, which whoever reads from it will see.
            close();
        } catch (InterruptedException e) {
            close();
        }
    }

    private synchronized Item next() throws InterruptedException {
        while (items.isEmpty() && !closed) {
            wait();
        }
        Item item = closed ? null : items.remove();
        writing = item != null;
        return item;
    }

    private synchronized void written(Item item) {
        writing = false;
        bytes -= item.bytes().length;
        eventBytes -= item.event() ? item.bytes().length : 0;
        notifyAll();
    }

    /** Waits until everything is written, for so long. */
    synchronized void flush(long millis) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        long left = millis;
        while ((!items.isEmpty() || writing) && !closed && left > 0) {
            wait(left);
            left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        }
    }

    /** Forgets what is not written; the thread ends when its channel lets it go. Idempotent. */
    synchronized void close() {
        closed = true;
        items.clear();
        notifyAll();
    }
}
