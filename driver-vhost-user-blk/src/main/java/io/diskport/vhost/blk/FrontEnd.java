package io.diskport.vhost.blk;

import io.diskport.api.export.Client;
import java.io.EOFException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A front-end that is connected, from its first message to its last. Of the thread of messages, but
 * for what it says of itself.
 */
final class FrontEnd {
    private static final int WAKE = 0;
    private static final int SOCKET = 1;
    private static final int CHANNEL = 2;

    /** How often somebody looks whether calls return. */
    private static final int CHECK_MILLIS = 1000;

    private static final int REPLY_MILLIS = 10_000;
    private static final int REPLY_TICK_MILLIS = 100;

    /** How long requests may take to come back after something was wrong: counts may be as well. */
    private static final long FAILURE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final String peer;
    private final Client client;
    private final Control control;
    private final Session session;
    private final MessageSocket socket;
    private final Rings rings;
    private final MessageHandler handler;
    private final Poll poll = new Poll(3);

    private final BackendChannel channel;

    private volatile String features = "";
    private volatile int running;

    /** Takes over the socket and the client, but if this fails. */
    FrontEnd(
            String peer,
            Client client,
            Control control,
            Session session,
            MessageSocket socket,
            String threadPrefix)
            throws IOException {
        this.peer = peer;
        this.client = client;
        this.control = control;
        this.session = session;
        this.socket = socket;
        this.rings = new Rings(session, threadPrefix);
        this.handler = new MessageHandler(this, session, rings, socket);
        this.channel = new BackendChannel(session.device, session.log);
        poll.set(WAKE, control.wake().fd(), Poll.IN);
        poll.set(SOCKET, socket.fd(), Poll.IN);
    }

    /** Serves until it has left, or the mode is another. @return whether it is still there */
    boolean serve(Control.Mode mode) {
        try {
            while (control.mode() == mode) {
                serveOnce();
            }
            return true;
        } catch (EOFException e) {
            session.log.log(Level.DEBUG, "Front-end {0} has left", peer);
        } catch (Misbehaviour e) {
            dropFor(e);
        } catch (InternalError e) {
            dropFor(Misbehaviour.memoryGone());
        } catch (IOException e) {
            session.log.log(Level.INFO, "Front-end {0} is lost: {1}", peer, e.getMessage());
        } catch (Dropped e) {
            return true;
        } catch (RuntimeException | Error e) {
            session.log.log(Level.ERROR, "Front-end " + peer + " is dropped: " + e, e);
        }
        // At once, whatever its requests wait for.
        socket.close();
        return false;
    }

    /** Says why it loses its connection. */
    void dropFor(Misbehaviour reason) {
        rings.signalErrors();
        session.log.log(Level.WARNING, "Front-end {0} is dropped: {1}", peer, reason.getMessage());
    }

    private void serveOnce() throws IOException, Misbehaviour {
        poll.set(CHANNEL, channel.announce(), Poll.OUT);
        poll.await(CHECK_MILLIS);
        rings.checkCalls();
        if (poll.has(WAKE)) {
            control.wake().clear();
        }
        checkFailure();
        if (poll.has(SOCKET)) {
            Message message = socket.receive();
            while (message != null) {
                handler.handle(message);
                running = rings.running();
                checkFailure();
                message = socket.receive();
            }
        }
    }

    private void checkFailure() throws Misbehaviour {
        Optional<Misbehaviour> failure = session.failure();
        if (failure.isPresent()) {
            throw failure.get();
        }
    }

    /** Goes on with what the version before has left; its guests may have missed calls. */
    void goOn() throws Misbehaviour {
        rings.resume();
        rings.callAnyway();
        agreed();
        running = rings.running();
    }

    // Waiting

    /** Waits until nothing is under way. */
    void awaitIdle() throws Misbehaviour {
        if (!rings.awaitIdle(this::isEnough)) {
            stopWaiting();
        }
    }

    void awaitIdle(Queue queue) throws Misbehaviour {
        if (!Rings.awaitIdle(queue, this::isEnough)) {
            stopWaiting();
        }
    }

    private boolean isEnough() {
        return control.isDropping() || session.failure().isPresent();
    }

    private void stopWaiting() throws Misbehaviour {
        checkFailure();
        throw new Dropped();
    }

    // Messages of ours

    /** Sends the reply that was prepared; waits for a while if there is no room. */
    void reply(int request, int size, int descriptor) throws IOException, Misbehaviour {
        int waited = 0;
        while (!socket.send(request, VhostUser.REPLY, size, descriptor)) {
            Poll room = new Poll(1);
            room.set(0, socket.fd(), Poll.OUT);
            room.await(REPLY_TICK_MILLIS);
            waited += REPLY_TICK_MILLIS;
            if (control.isDropping()) {
                throw new Dropped();
            }
            if (waited > REPLY_MILLIS) {
                throw new Misbehaviour("it does not read its replies");
            }
        }
    }

    /** Where messages of our own go. */
    BackendChannel channel() {
        return channel;
    }

    // What it says of itself

    /** Something was agreed on. */
    void agreed() {
        features = VirtioBlk.names(session.features());
        client.detail("features", features);
        client.detail("protocol", VhostUser.names(handler.protocolFeatures()));
    }

    /** Any thread. */
    String peer() {
        return peer;
    }

    /** What was agreed on, for people. Any thread. */
    String features() {
        return features;
    }

    /** How many queues run. Any thread. */
    int running() {
        return running;
    }

    // The end

    /** Frees everything, after what is under way has come back, if it does in time. */
    void end() {
        boolean halted = false;
        try {
            rings.halt();
            halted = true;
        } catch (Misbehaviour e) {
            session.log.log(Level.WARNING, "Front-end {0}: {1}", peer, e.getMessage());
        }
        long begun = System.nanoTime();
        if (control.isDropping()) {
            session.drop();
        }
        boolean idle =
                halted
                        && rings.awaitIdle(
                                () ->
                                        control.isOver()
                                                || session.failure().isPresent()
                                                        && System.nanoTime() - begun
                                                                > FAILURE_NANOS);
        session.drop();
        channel.close();
        socket.close();
        if (idle) {
            rings.close();
        } else {
            session.log.log(
                    Level.WARNING,
                    "Requests of front-end {0} hang in node ''{1}'' and are left behind",
                    peer,
                    session.backend.nodeName());
            rings.abandon(halted);
        }
        client.close();
    }

    /** Leaves all to the driver's next version; empty if requests do not come back in time. */
    Optional<Map<String, Object>> suspend(long nanos) throws Misbehaviour {
        long begun = System.nanoTime();
        rings.halt();
        boolean idle =
                rings.awaitIdle(
                        () ->
                                control.isDropping()
                                        || session.failure().isPresent()
                                        || System.nanoTime() - begun > nanos);
        checkFailure();
        if (!idle) {
            rings.resume();
            return Optional.empty();
        }
        Map<String, Object> saved = new HashMap<>();
        saved.put("peer", peer);
        saved.put("features", session.features());
        saved.put("cached", session.isCached());
        saved.put("protocol-features", handler.protocolFeatures());
        saved.put("status", handler.status());
        saved.put("capacity", channel.known());
        channel.release().ifPresent(open -> saved.put("channel", open));
        saved.put("connection", socket.release());
        saved.put("rings", rings.release());
        client.close();
        return Optional.of(saved);
    }

    /** Takes up what {@link #suspend} has left, but for its connection. */
    void restore(Map<?, ?> saved) throws Misbehaviour {
        session.setFeatures((Long) saved.get("features"));
        session.setCached((Boolean) saved.get("cached"));
        handler.restore((Long) saved.get("protocol-features"), (Long) saved.get("status"));
        channel.knows((Long) saved.get("capacity"));
        if (saved.get("channel") instanceof Map<?, ?> open) {
            channel.restore(open);
        }
        rings.restore((Map<?, ?>) saved.get("rings"));
    }
}
