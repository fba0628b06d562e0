package io.diskport.tls.x509;

import io.diskport.api.BlockException;
import io.diskport.api.Handover;
import io.diskport.api.object.BlockObject;
import io.diskport.api.object.ObjectContext;
import io.diskport.api.object.Secret;
import io.diskport.api.object.TlsChannel;
import io.diskport.api.object.TlsCredentials;
import io.diskport.api.object.TlsCredentials.Endpoint;
import io.diskport.api.options.ObjectRef;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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

    CompletableFuture<TlsChannel> client(TlsCredentials credentials, String name) {
        return start(() -> credentials.secure(watched, name));
    }

    static TlsCredentials credentials(Endpoint endpoint, Path directory) throws BlockException {
        return credentials(endpoint, directory, true);
    }

    static TlsCredentials credentials(Endpoint endpoint, Path directory, boolean verifyPeer)
            throws BlockException {
        return create(options(endpoint, directory, verifyPeer, true), new Context(""));
    }

    static TlsCredentials create(X509CredentialsDriver.Options options, Context context)
            throws BlockException {
        return (TlsCredentials) new X509CredentialsDriver().create(context, options);
    }

    static X509CredentialsDriver.Options options(
            Endpoint endpoint, Path directory, boolean verifyPeer, boolean sanityCheck) {
        return new X509CredentialsDriver.Options(
                directory, endpoint, verifyPeer, Optional.empty(), sanityCheck);
    }

    @Override
    public void close() throws IOException {
        serverSocket.close();
        clientSocket.close();
    }

    /** What core lends, with one secret and a log that is kept. */
    static final class Context implements ObjectContext {
        final List<String> logged = new ArrayList<>();
        private final String password;

        Context(String password) {
            this.password = password;
        }

        @Override
        public String id() {
            return "tls0";
        }

        @Override
        @SuppressWarnings("unchecked")
        public <T extends BlockObject> T object(ObjectRef<T> reference) {
            return (T) (Secret) password::getBytes;
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
        public void log(
                Level level, java.util.ResourceBundle bundle, String text, Throwable thrown) {
            lines.add(level + " " + text);
        }

        @Override
        public void log(
                Level level, java.util.ResourceBundle bundle, String format, Object... values) {
            lines.add(level + " " + format);
        }
    }
}
