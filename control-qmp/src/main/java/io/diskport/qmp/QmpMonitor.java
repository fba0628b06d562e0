package io.diskport.qmp;

import io.diskport.api.object.BlockObject;
import io.diskport.api.object.ObjectContext;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.ByteChannel;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A monitor: serves its clients, one after the other, on one thread. */
final class QmpMonitor implements BlockObject {
    private static final long BACK_OFF_NANOS = 100_000_000;

    /** How long a client may take for the last of what it is told; less than core waits. */
    private static final long FAREWELL_MILLIS = 1500;

    /** What exports may take to end with the daemon. */
    private static final long EXPORTS_MILLIS = 9_000;

    private final String id;
    private final Clients clients;
    private final boolean pretty;
    private final Engine engine;
    private final Logger log;
    private final Thread thread;
    private final CountDownLatch farewell = new CountDownLatch(1);
    private Optional<Session> session = Optional.empty();
    private boolean closed;

    QmpMonitor(ObjectContext context, Clients clients, boolean pretty, Engine engine) {
        this.id = context.id();
        this.clients = clients;
        this.pretty = pretty;
        this.engine = engine;
        this.log = context.log();
        this.thread = daemonThread("qmp-" + id, this::run);
    }

    private static Thread daemonThread(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.setContextClassLoader(null);
        return thread;
    }

    void start() {
        thread.start();
    }

    private void run() {
        boolean troubled = false;
        while (clients.isOpen()) {
            try {
                serve(clients.next());
                troubled = false;
            } catch (IOException | RuntimeException | OutOfMemoryError e) {
                if (clients.isOpen()) {
                    // No descriptors or threads left, say: said once, and tried again.
                    Level level = troubled ? Level.DEBUG : Level.WARNING;
                    log.log(level, "a client could not be served", e);
                    troubled = true;
                    LockSupport.parkNanos(this, BACK_OFF_NANOS);
                }
            }
        }
    }

    private void serve(ByteChannel client) {
        Session served = new Session(id, client, pretty, engine.commands(), engine.events(), log);
        synchronized (this) {
            if (closed) {
                served.close();
                return;
            }
            session = Optional.of(served);
        }
        try {
            served.run();
        } finally {
            synchronized (this) {
                session = Optional.empty();
            }
        }
    }

    @Override
    public Map<String, String> info() {
        Map<String, String> info = new LinkedHashMap<>(clients.info());
        synchronized (this) {
            info.put("client", session.isPresent() ? "connected" : "none");
        }
        return info;
    }

    /**
     * Lets no more clients come, and drops the one that is there; where the daemon ends, that is
     * left to a thread, so that the client hears of the end of all exports.
     */
    @Override
    public void close() {
        Optional<Session> there;
        synchronized (this) {
            closed = true;
            there = session;
        }
        try {
            clients.close();
        } catch (IOException e) {
            log.log(Level.WARNING, "its socket is not closed well", e);
        }
        boolean daemonEnds = engine.isEnding();
        if (there.isEmpty()) {
            farewell.countDown();
        } else if (daemonEnds) {
            engine.farewell(this);
            daemonThread("qmp-" + id + "-farewell", () -> sayFarewell(there.get())).start();
        } else {
            there.get().close();
            farewell.countDown();
        }
    }

    private void sayFarewell(Session there) {
        try {
            engine.events().awaitNone(EXPORTS_MILLIS);
            there.end(FAREWELL_MILLIS);
        } catch (InterruptedException e) {
            there.close();
        } finally {
            farewell.countDown();
        }
    }

    /** Waits until the client has heard everything, for so long. */
    void awaitFarewell(long millis) throws InterruptedException {
        farewell.await(millis, TimeUnit.MILLISECONDS);
    }
}
