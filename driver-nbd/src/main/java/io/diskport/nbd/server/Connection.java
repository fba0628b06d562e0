package io.diskport.nbd.server;

import io.diskport.api.BlockException;
import io.diskport.api.object.TlsChannel;
import io.diskport.support.Lane;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** One connection, from the moment it is accepted to its end, with the thread that serves it. */
final class Connection implements Handshake.Peer {
    private final NbdServer server;
    private final SocketChannel channel;
    private final String peer;
    private final long begun = System.nanoTime();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile Transport transport;
    private volatile Seat seat;
    private volatile boolean suspended;
    private volatile boolean closed;
    private volatile boolean secured;
    private volatile Lane<Request> lane;
    private volatile Transmission transmission;
    private volatile RequestPool requests;
    private Optional<Agreement.Tls> tls = Optional.empty();
    private Optional<Map<String, Object>> left = Optional.empty();

    /** A connection that was accepted, or was left by the driver's version before. */
    Connection(NbdServer server, SocketChannel channel) throws IOException {
        this.server = server;
        this.channel = channel;
        this.peer = Sockets.describe(channel);
        this.transport = new PlainTransport(channel);
    }

    /** Begins with a handshake. */
    void start(HandshakeState state, byte[] early) {
        start(() -> shakeHands(state, early));
    }

    /** Goes on with a transmission that the driver's version before has left. */
    void goOn(Seat chosen, LeftTransmission before) {
        seat = chosen;
        start(() -> transmit(before));
    }

    private interface Work {
        void run() throws IOException, BlockException;
    }

    private void start(Work work) {
        Thread thread = new Thread(() -> run(work), "nbd-" + server.id() + "-" + peer);
        thread.setDaemon(true);
        thread.setContextClassLoader(null);
        try {
            thread.start();
        } catch (OutOfMemoryError e) {
            close();
            end();
            throw e;
        }
    }

    private void run(Work work) {
        PlainTransport.enter();
        try {
            work.run();
        } catch (ProtocolException | BlockException e) {
            // What this end has closed fails in many ways.
            log(closed ? Level.DEBUG : Level.WARNING, e);
        } catch (IOException e) {
            // It has gone: that is its right.
            log(Level.DEBUG, e);
        } catch (RuntimeException | Error e) {
            server.log().log(Level.ERROR, "The connection of " + peer + " broke down", e);
        } finally {
            PlainTransport.leave();
            if (left.isEmpty()) {
                close();
            }
            end();
        }
    }

    private void log(Level level, Exception e) {
        server.log().log(level, "Client " + peer + " is dropped: " + e.getMessage());
    }

    private void end() {
        Seat chosen = seat;
        if (chosen != null) {
            chosen.client().close();
            chosen.export().left(this);
            server.connections().left();
        }
        server.connections().ended(this);
        ended.countDown();
    }

    private void shakeHands(HandshakeState state, byte[] early) throws IOException, BlockException {
        Handshake handshake = new Handshake(this, state, early);
        switch (handshake.run()) {
            case CHOSEN -> {
                server.connections().chosen(this);
                transmit(LeftTransmission.of(handshake.rest()));
            }
            case WOKEN -> {
                if (transport instanceof PlainTransport plain) {
                    left =
                            Optional.of(
                                    LeftHandshake.save(plain.release(), state, handshake.rest()));
                }
            }
            case LEFT -> server.log().log(Level.DEBUG, "Client {0} wants nothing", peer);
        }
    }

    private void transmit(LeftTransmission before) throws IOException {
        Seat chosen = seat;
        NbdExport export = chosen.export();
        RequestPool pool = new RequestPool(server.buffers());
        AtomicReference<Lane<Request>> made = new AtomicReference<>();
        Sender sender =
                new Sender(
                        transport,
                        request -> {
                            pool.recycle(request);
                            made.get().finished();
                        });
        Reply reply = chosen.agreement().reply();
        Failures failures = new Failures(server.log());
        NodeWork work = new NodeWork(chosen.client().backend(), reply, failures);
        Lane<Request> slow =
                new Lane<>(
                        export.executor(),
                        export.parallelism(),
                        request -> {
                            work.accept(request);
                            sender.complete(request);
                        });
        made.set(slow);
        lane = slow;
        if (!transport.sendsWithoutWaiting()) {
            Thread thread =
                    new Thread(sender::sendForOthers, Thread.currentThread().getName() + "-sender");
            thread.setDaemon(true);
            thread.setContextClassLoader(null);
            thread.start();
        }
        Output output = new Output(sender);
        Input input = new Input(transport, output, before.input());
        Later later = new Later(reply, output, slow, pool);
        Transmission served =
                new Transmission(
                        chosen.client().backend(),
                        chosen.agreement().rules(),
                        input,
                        output,
                        later,
                        failures);
        transmission = served;
        requests = pool;
        try {
            boolean sent = flush(sender, before.output());
            boolean done = sent && served.serve(before.requested(), before.refused());
            sender.stop();
            if (!done) {
                leave(sender, slow, served, output, sent ? Optional.empty() : Optional.of(before));
            }
        } catch (IOException e) {
            sender.abort(e);
            throw e;
        } catch (RuntimeException | Error e) {
            sender.abort(new IOException("the connection broke down", e));
            throw e;
        } finally {
            sender.stop();
            awaitWorkers(slow);
        }
    }

    private static boolean flush(Sender sender, List<ByteBuffer> unsent) throws IOException {
        for (ByteBuffer buffer : unsent) {
            if (!sender.flush(buffer)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Leaves the connection as it is to the driver's next version.
     *
     * @param notBegun what the version before has left, if not even its replies could be sent
     */
    private void leave(
            Sender sender,
            Lane<Request> slow,
            Transmission served,
            Output output,
            Optional<LeftTransmission> notBegun)
            throws IOException {
        boolean settled = false;
        try {
            settled = slow.awaitWorkers(NbdExport.SUSPEND_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!settled || !(transport instanceof PlainTransport plain)) {
            throw new IOException("its requests have not come back from the node in time");
        }
        LeftTransmission now;
        if (notBegun.isPresent()) {
            LeftTransmission before = notBegun.get();
            now =
                    new LeftTransmission(
                            before.input(),
                            sender.rest(before.output()),
                            before.requested(),
                            before.refused());
        } else {
            now =
                    new LeftTransmission(
                            served.rest(), output.rest(), served.restOf(), served.toSkip());
        }
        left = Optional.of(now.save(plain.release(), seat.agreement()));
    }

    /** The client is registered until the last of its requests has come back. */
    private static void awaitWorkers(Lane<Request> slow) {
        boolean done = false;
        while (!done) {
            try {
                done = slow.awaitWorkers(TimeUnit.SECONDS.toMillis(10));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** Since when the client asks for nothing, by System.nanoTime; 0 if it waits for an answer. */
    long silentSince() {
        Lane<Request> waiting = lane;
        long idle = waiting == null ? 0 : waiting.idleSince();
        long silent = transport.waitingSince();
        return idle == 0 || silent == 0 ? 0 : silent - idle > 0 ? silent : idle;
    }

    /**
     * Since when it keeps memory because its client neither sends the rest of a request nor reads
     * its replies, by System.nanoTime; 0 if it does not.
     */
    long stalledSince() {
        RequestPool taken = requests;
        if (taken == null || !taken.holdsMuch()) {
            return 0;
        }
        long payload = transmission.payloadSince();
        return payload == 0 ? transport.blockedSince() : payload;
    }

    /** When it was accepted, by System.nanoTime. */
    long begun() {
        return begun;
    }

    /** Who it is, for people. */
    String peer() {
        return peer;
    }

    /** Has the connection be left, between two requests or options; with TLS, it is closed. */
    void suspend() {
        suspended = true;
        if (secured) {
            close();
        } else {
            transport.wake();
        }
    }

    @Override
    public boolean isLeaving() {
        return suspended || closed;
    }

    /** Waits for its thread. */
    boolean awaitEnd(long millis) throws InterruptedException {
        return ended.await(millis, TimeUnit.MILLISECONDS);
    }

    /** What was left of it after {@link #suspend}; empty if it was dropped. */
    Optional<Map<String, Object>> takeLeft() {
        return left;
    }

    /** Drops it. Any thread; idempotent; does not wait. */
    void close() {
        closed = true;
        transport.close();
        try {
            channel.close();
        } catch (IOException e) {
            server.log().log(Level.DEBUG, "closing", e);
        }
    }

    @Override
    public Transport transport() {
        return transport;
    }

    @Override
    public ExportTable exports() {
        return server.exports();
    }

    @Override
    public boolean insistsOnTls() {
        return server.insistsOnTls();
    }

    @Override
    public boolean offersTls() {
        return server.offersTls();
    }

    @Override
    public Optional<Agreement.Tls> tls() {
        return tls;
    }

    @Override
    public Agreement.Tls secure() throws IOException {
        secured = true;
        ((PlainTransport) transport).release();
        if (isLeaving()) {
            close();
        }
        channel.configureBlocking(true);
        TlsChannel under;
        try {
            under = server.secure(channel);
        } catch (IOException e) {
            ProtocolException refusal = new ProtocolException("TLS: " + e.getMessage());
            refusal.initCause(e);
            throw refusal;
        }
        transport = new TlsTransport(under);
        Agreement.Tls agreed = new Agreement.Tls(under.peerIdentity(), under.session());
        tls = Optional.of(agreed);
        if (isLeaving()) {
            close();
        }
        return agreed;
    }

    @Override
    public Seat admit(NbdExport export, Agreement agreement) throws BlockException {
        server.connections().claim();
        try {
            Seat taken = export.admit(this, agreement);
            seat = taken;
            return taken;
        } finally {
            if (seat == null) {
                server.connections().left();
            }
        }
    }
}
