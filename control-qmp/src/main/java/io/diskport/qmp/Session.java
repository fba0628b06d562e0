package io.diskport.qmp;

import io.diskport.qmp.json.JsonStream;
import io.diskport.qmp.json.JsonText;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A client, from its greeting to its end: takes its requests one after the other, on the thread
 * that runs this, and sends answers and events.
 */
final class Session {
    private static final int BUFFER = 16 << 10;

    /** How long a client may take to read the last of what it is told. */
    private static final long FAREWELL_MILLIS = 1000;

    /** How many events wait for an answer; with more of them their order is not worth it. */
    private static final int MOST_HELD = 1000;

    private final String monitor;
    private final ByteChannel channel;
    private final boolean pretty;
    private final Commands commands;
    private final Events events;
    private final Logger log;
    private final Outbox outbox;
    private final CountDownLatch ended = new CountDownLatch(1);

    /** Where events are held while a command is done that wants its answer before them. */
    private Optional<List<byte[]>> held = Optional.empty();

    private volatile boolean ready;
    private volatile boolean last;

    /** Whether a command is being done, whose answer is still to come. */
    private volatile boolean busy;

    Session(
            String monitor,
            ByteChannel channel,
            boolean pretty,
            Commands commands,
            Events events,
            Logger log) {
        this.monitor = monitor;
        this.channel = channel;
        this.pretty = pretty;
        this.commands = commands;
        this.events = events;
        this.log = log;
        this.outbox = new Outbox("qmp-" + monitor + "-out", channel, this::overflow);
    }

    private void overflow() {
        log.log(Level.WARNING, "its client does not read the events it is sent, and is dropped");
        closeChannel();
    }

    /** Serves the client until it goes, or {@link #close} is called. */
    @SuppressWarnings("PMD.UnusedLocalVariable") // it is closed at the end
    void run() {
        try (AutoCloseable subscription = events.subscribe(this::event)) {
            outbox.start();
            send(Map.of("QMP", greeting()));
            serve();
            outbox.flush(FAREWELL_MILLIS);
        } catch (IOException e) {
            log.log(Level.DEBUG, "its client has gone", e);
        } catch (InterruptedException e) {
            log.log(Level.DEBUG, "interrupted", e);
        } catch (Exception e) {
            log.log(Level.ERROR, "its client is dropped", e);
        } finally {
            outbox.close();
            closeChannel();
            ended.countDown();
        }
    }

    private Map<String, Object> greeting() {
        Map<String, Object> greeting = new LinkedHashMap<>();
        greeting.put("version", commands.version());
        greeting.put("capabilities", List.of());
        return greeting;
    }

    private void serve() throws IOException, InterruptedException {
        JsonStream stream = new JsonStream();
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
        while (!last && channel.read(buffer.clear()) >= 0) {
            buffer.flip();
            for (Optional<JsonStream.Found> found = stream.next(buffer);
                    found.isPresent() && !last;
                    found = stream.next(buffer)) {
                busy = true;
                take(found.get());
                busy = false;
            }
        }
    }

    private void take(JsonStream.Found found) throws InterruptedException {
        Map<String, Object> reply = new LinkedHashMap<>();
        try {
            if (found.value().isEmpty()) {
                throw new QmpException(found.error());
            }
            Object value = found.value().get();
            if (value instanceof Map<?, ?> request && request.containsKey(Request.ID)) {
                reply.put(Request.ID, request.get(Request.ID));
            }
            reply.put("return", commands.run(Request.of(value), ready, new Self()));
        } catch (QmpException e) {
            reply.put("error", error(e));
        } catch (RuntimeException | LinkageError e) {
            // A mistake of ours, or of a driver's: the client is told that there was one.
            log.log(Level.ERROR, "a command failed", e);
            reply.put("error", error(new QmpException("the command failed: " + e)));
        }
        send(reply);
        release();
    }

    private static Map<String, Object> error(QmpException e) {
        return Map.of("class", e.errorClass().word(), "desc", String.valueOf(e.getMessage()));
    }

    private void send(Map<String, Object> reply) throws InterruptedException {
        outbox.answer(bytes(reply));
    }

    private byte[] bytes(Map<String, Object> value) {
        // As on a terminal, since a monitor can be one.
        return (JsonText.of(value, pretty) + '\n')
                .replace("\n", "\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private void event(Map<String, Object> event) {
        if (!ready) {
            return;
        }
        byte[] text = bytes(event);
        synchronized (this) {
            if (held.isPresent() && held.get().size() < MOST_HELD) {
                held.get().add(text);
                return;
            }
            outbox.event(text);
        }
    }

    private synchronized void release() {
        held.ifPresent(texts -> texts.forEach(outbox::event));
        held = Optional.empty();
    }

    /** Ends it when what the client is still owed is written, and waits for that, for so long. */
    void end(long millis) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        last = true;
        outbox.flush(millis);
        if (busy) {
            ended.await(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        }
        close();
    }

    /** Drops the client. */
    void close() {
        last = true;
        outbox.close();
        closeChannel();
    }

    private void closeChannel() {
        try {
            channel.close();
        } catch (IOException e) {
            log.log(Level.DEBUG, "closing its client's connection", e);
        }
    }

    /** What commands may do to this client. */
    private final class Self implements Call.Client {
        @Override
        public String monitor() {
            return monitor;
        }

        @Override
        public void answerFirst() {
            synchronized (Session.this) {
                held = Optional.of(new ArrayList<>());
            }
        }

        @Override
        public void ready() {
            ready = true;
        }

        @Override
        public void last() {
            last = true;
        }
    }
}
