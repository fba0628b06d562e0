package io.diskport.cline.socket;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Writes frames on a thread of its own, which nobody interrupts: a channel closes when whoever
 * writes to it is interrupted, as commands are.
 */
final class FrameWriter {
    private static final int HEADER = 5;
    private static final int MOST_WAITING = 16;
    private static final long LOOK_MILLIS = 100;
    private static final ByteBuffer END = ByteBuffer.allocate(0);

    private final SocketChannel channel;
    private final BlockingQueue<ByteBuffer> frames = new ArrayBlockingQueue<>(MOST_WAITING);
    private final Thread thread = new Thread(this::write, "diskport-control-writer");
    private volatile boolean gone;

    FrameWriter(SocketChannel channel) {
        this.channel = channel;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /**
     * Has a frame written; waits while the client does not read those before it.
     *
     * @throws InterruptedIOException if the thread was interrupted, and still is
     * @throws IOException if the client has gone
     */
    void send(char kind, ByteBuffer content) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(HEADER + content.remaining());
        frame.put((byte) kind).putInt(content.remaining()).put(content).flip();
        try {
            while (!frames.offer(frame, LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                if (gone) {
                    throw new IOException("the client has gone");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException();
        }
    }

    /** Writes what is waiting, and ends; waits for that, so long at the most. */
    void end(long millis) throws InterruptedException {
        if (frames.offer(END, millis, TimeUnit.MILLISECONDS)) {
            thread.join(Math.max(1, millis));
        }
    }

    private void write() {
        try {
            for (ByteBuffer frame = frames.take(); frame != END; frame = frames.take()) {
                while (frame.hasRemaining()) {
                    channel.write(frame);
                }
            }
        } catch (IOException | InterruptedException e) {
            // The client has gone, or the channel was closed; nobody interrupts this thread.
        }
        gone = true;
    }
}
