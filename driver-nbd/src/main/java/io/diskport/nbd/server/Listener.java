package io.diskport.nbd.server;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.LockSupport;

/** Accepts the connections of one server, and looks a few times a second after their deadlines. */
final class Listener {
    private static final long TICK_MILLIS = 250;
    private static final long BACK_OFF_NANOS = 100_000_000;

    private final NbdServer server;
    private final ServerSocketChannel channel;
    private final Selector selector;
    private final Thread thread;
    private volatile boolean stopped;
    private boolean troubled;

    Listener(NbdServer server, ServerSocketChannel channel) throws IOException {
        this.server = server;
        this.channel = channel;
        channel.configureBlocking(false);
        this.selector = Selector.open();
        channel.register(selector, SelectionKey.OP_ACCEPT);
        this.thread = new Thread(this::run, "nbd-" + server.id() + "-listener");
        thread.setDaemon(true);
        thread.setContextClassLoader(null);
    }

    void start() {
        thread.start();
    }

    /** Says that there may be room for another client, or a deadline to look after. */
    void look() {
        selector.wakeup();
    }

    private void run() {
        SelectionKey key = channel.keyFor(selector);
        while (!stopped) {
            try {
                boolean room = server.connections().hasRoom();
                key.interestOps(room ? SelectionKey.OP_ACCEPT : 0);
                boolean deadlines = server.connections().hasDeadlines();
                selector.select(selected -> {}, deadlines ? TICK_MILLIS : 0);
                if (stopped) {
                    break;
                }
                if (deadlines) {
                    server.connections().enforceDeadlines();
                }
                accept();
            } catch (IOException | RuntimeException | OutOfMemoryError e) {
                // Without threads or descriptors now: there may be some later.
                trouble(e);
            }
        }
    }

    private void accept() throws IOException {
        while (!stopped && server.connections().hasRoom()) {
            SocketChannel accepted = channel.accept();
            if (accepted == null) {
                troubled = false;
                return;
            }
            server.connections().accepted(accepted);
        }
    }

    /** No descriptors left, for instance: said once, and tried again. */
    private void trouble(Throwable e) {
        if (stopped) {
            return;
        }
        server.log().log(
                troubled ? Level.DEBUG : Level.WARNING, "A connection could not be accepted", e);
        troubled = true;
        LockSupport.parkNanos(this, BACK_OFF_NANOS);
    }

    /** Ends the thread, and gives the socket back; connections wait in its queue from now on. */
    ServerSocketChannel stop() {
        stopped = true;
        selector.wakeup();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        try {
            selector.close();
        } catch (IOException e) {
            server.log().log(Level.DEBUG, "closing a selector", e);
        }
        return channel;
    }
}
