package io.diskport.nbd.node;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** A server that does what a test tells it: each connection is a conversation by a script. */
final class MiniServer implements AutoCloseable {
    /** What it does with a connection. */
    interface Script {
        void run(Conversation conversation) throws IOException;
    }

    private final ServerSocketChannel listener;
    private final Path socket;
    private final Script script;
    private final Set<SocketChannel> channels = ConcurrentHashMap.newKeySet();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    MiniServer(Path socket, Script script) throws IOException {
        this.socket = socket;
        this.script = script;
        listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(socket));
        start(this::accept);
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "mini-server");
        thread.setDaemon(true);
        thread.start();
    }

    TestOptions options() {
        return TestOptions.unix(socket, "disk");
    }

    /** How many connections there have been. */
    int connections() {
        return connections.get();
    }

    /** What the client did wrong by the script; null if nothing. */
    Throwable failure() {
        return failure.get();
    }

    /** Cuts all connections. */
    void cut() throws IOException {
        for (SocketChannel channel : channels) {
            channel.close();
        }
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel channel = listener.accept();
                connections.incrementAndGet();
                channels.add(channel);
                start(() -> converse(channel));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void converse(SocketChannel channel) {
        try (channel) {
            script.run(new Conversation(channel));
        } catch (IOException e) {
            // the client has left, or was cut
        } catch (RuntimeException | AssertionError e) {
            failure.compareAndSet(null, e);
        } finally {
            channels.remove(channel);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        cut();
    }
}
