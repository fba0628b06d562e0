package io.diskport.cline.socket;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.felix.service.command.CommandProcessor;

/**
 * A connection to the control socket. A frame is a letter, a length of four bytes, and as many
 * bytes. The client sends {@code W} (one command, its words with NUL between them), {@code L} (a
 * line of the shell) and {@code I} (interrupt what runs); it hears {@code O} and {@code E} (what
 * was printed), and {@code S} (the status, four bytes) at the end of each.
 */
final class Conversation implements Runnable {
    private static final int HEADER = 5;
    private static final int LONGEST = 1 << 20;
    private static final int FAILED = 1;
    private static final long FAREWELL_MILLIS = 1000;

    private final SocketChannel channel;
    private final CommandProcessor processor;
    private final FrameWriter writer;

    /** Runs a command, while the connection's own thread hears of interrupts and of the end. */
    private volatile Thread worker;

    private volatile boolean busy;

    Conversation(SocketChannel channel, CommandProcessor processor) {
        this.channel = channel;
        this.processor = processor;
        this.writer = new FrameWriter(channel);
    }

    /** Serves it until the client leaves. */
    @Override
    public void run() {
        writer.start();
        FrameOutput out = new FrameOutput(writer, 'O');
        FrameOutput err = new FrameOutput(writer, 'E');
        try (channel;
                Session session = new Session(processor, out, err)) {
            try {
                serve(session);
            } finally {
                channel.close(); // Or the writer would wait for a client that does not read.
                session.interrupt();
                interrupt();
                writer.end(1);
            }
        } catch (IOException e) {
            // The client has gone, or we end: there is nobody to tell.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve(Session session) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER);
        boolean goesOn = true;
        while (goesOn && fill(header)) {
            char kind = (char) header.get();
            int length = header.getInt();
            header.clear();
            if (length < 0 || length > LONGEST) {
                return;
            }
            ByteBuffer content = ByteBuffer.allocate(length);
            goesOn =
                    fill(content)
                            && take(
                                    session,
                                    kind,
                                    StandardCharsets.UTF_8.decode(content).toString());
        }
    }

    /** Says why it is not served, and ends it. */
    void turnAway(String why) {
        writer.start();
        try (channel) {
            writer.send(
                    'E',
                    ByteBuffer.wrap(("diskport: " + why + "\n").getBytes(StandardCharsets.UTF_8)));
            status(FAILED);
            writer.end(FAREWELL_MILLIS);
        } catch (IOException e) {
            // It has gone already.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Ends it; a command that runs may say its status first.
     *
     * @param end until when, by System.nanoTime
     */
    void end(long end) {
        Thread running = worker;
        try {
            if (running != null) {
                running.join(Math.max(1, (end - System.nanoTime()) / 1_000_000));
            }
            writer.end(Math.max(1, (end - System.nanoTime()) / 1_000_000));
            channel.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            // Gone is gone.
        }
    }

    private boolean take(Session session, char kind, String text) {
        switch (kind) {
            case 'W' -> {
                return !busy && start(() -> session.command(List.of(text.split("\0", -1))));
            }
            case 'L' -> {
                return !busy && start(() -> session.line(text));
            }
            case 'I' -> {
                session.interrupt();
                return true;
            }
            default -> {
                return false;
            }
        }
    }

    /** Something that runs and has a status. */
    private interface Work {
        int run();
    }

    private boolean start(Work work) {
        Thread thread =
                new Thread(
                        () -> {
                            int status = work.run();
                            busy = false;
                            Thread.interrupted(); // The status is sent in any case.
                            try {
                                status(status);
                            } catch (IOException e) {
                                // It did not wait for it.
                            }
                        },
                        "diskport-control-command");
        thread.setDaemon(true);
        worker = thread;
        busy = true;
        thread.start();
        return true;
    }

    /** Ends the wait for a command that does not heed that it was interrupted. */
    private void interrupt() {
        Thread running = worker;
        if (busy && running != null) {
            running.interrupt();
        }
    }

    private void status(int status) throws IOException {
        writer.send('S', ByteBuffer.allocate(Integer.BYTES).putInt(status).flip());
    }

    /** Whether a buffer was filled; it was not if the client has left. */
    private boolean fill(ByteBuffer target) throws IOException {
        while (target.hasRemaining()) {
            if (channel.read(target) < 0) {
                return false;
            }
        }
        target.flip();
        return true;
    }
}
