package io.diskport.tls.psk;

import io.diskport.api.BlockException;
import io.diskport.api.Handover;
import io.diskport.api.object.BlockObject;
import io.diskport.api.object.ObjectContext;
import io.diskport.api.object.TlsChannel;
import io.diskport.api.object.TlsCredentials;
import io.diskport.api.object.TlsCredentials.Endpoint;
import io.diskport.api.options.ObjectRef;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ResourceBundle;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** Two ends of a connection over loopback. Closing it closes both channels below. */
final class Ends implements AutoCloseable {
    private static final long SECONDS = 30;

    final SocketChannel serverSocket;
    final SocketChannel clientSocket;

    /** The client's socket as its end has it. */
    final Watched watched;

    private Ends(SocketChannel serverSocket, SocketChannel clientSocket) {
        this.serverSocket = serverSocket;
        this.clientSocket = clientSocket;
        this.watched = new Watched(clientSocket);
    }

    static Ends connect() throws IOException {
        try (ServerSocketChannel listener = ServerSocketChannel.open()) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            SocketChannel client = SocketChannel.open(listener.getLocalAddress());
            return new Ends(listener.accept(), client);
        }
    }

    /** Work on a thread of its own. */
    interface Work<T> {
        T get() throws Exception;
    }

    static <T> CompletableFuture<T> start(Work<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread thread =
                new Thread(
                        () -> {
                            try {
                                result.complete(work.get());
                            } catch (Exception e) {
                                result.completeExceptionally(e);
                            }
                        },
                        "end");
        thread.setDaemon(true);
        thread.start();
        return result;
    }

    /** What work has come to, or what it has thrown. */
    static <T> T result(CompletableFuture<T> work) throws Exception {
        try {
            return work.get(SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }

    CompletableFuture<TlsChannel> server(TlsCredentials credentials) {
        return start(() -> credentials.secure(serverSocket, ""));
    }

    CompletableFuture<TlsChannel> client(TlsCredentials credentials) {
        return start(() -> credentials.secure(watched, ""));
    }

    /** Writes a file of keys into a new directory, and gives that. */
    static Path keys(Path folder, String... lines) throws IOException {
        Path directory = Files.createTempDirectory(folder, "keys");
        Files.writeString(directory.resolve(PskFile.NAME), String.join("\n", lines) + "\n");
        return directory;
    }

    static TlsCredentials server(Path directory) throws BlockException {
        return create(directory, Endpoint.SERVER, "qemu", new ArrayList<>());
    }

    static TlsCredentials client(Path directory, String username) throws BlockException {
        return create(directory, Endpoint.CLIENT, username, new ArrayList<>());
    }

    static TlsCredentials create(
            Path directory, Endpoint endpoint, String username, List<String> log)
            throws BlockException {
        return (TlsCredentials)
                new PskCredentialsDriver()
                        .create(
                                new Context(log),
                                new PskCredentialsDriver.Options(directory, endpoint, username));
    }

    /** What core lends. */
    static ObjectContext context() {
        return new Context(new ArrayList<>());
    }

    @Override
    public void close() throws IOException {
        serverSocket.close();
        clientSocket.close();
    }

    private record Context(List<String> logged) implements ObjectContext {
        @Override
        public String id() {
            return "tls0";
        }

        @Override
        public <T extends BlockObject> T object(ObjectRef<T> reference) {
            throw new IllegalStateException();
        }

        @Override
        public System.Logger log() {
            return new Log(logged);
        }

        @Override
        public Optional<Handover> handover() {
            return Optional.empty();
        }

        @Override
        public void ended(Throwable cause) {}
    }

    private record Log(List<String> lines) implements System.Logger {
        @Override
        public String getName() {
            return "log";
        }

        @Override
        public boolean isLoggable(Level level) {
            return true;
        }

        @Override
        public void log(Level level, ResourceBundle bundle, String text, Throwable thrown) {
            lines.add(level + " " + text);
        }

        @Override
        public void log(Level level, ResourceBundle bundle, String format, Object... values) {
            lines.add(level + " " + format);
        }
    }
}
