package io.diskport.it;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Speaks QMP line by line, as a program does that looks at the text; every wait is bounded. */
final class QmpClient implements AutoCloseable {
    /** Stands for the end of the connection among its lines. */
    static final String END = "(end)";

    private static final String CAPABILITIES = "{'execute':'qmp_capabilities'}";

    private final OutputStream out;
    private final AutoCloseable connection;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    private QmpClient(InputStream in, OutputStream out, AutoCloseable connection) {
        this.out = out;
        this.connection = connection;
        Thread reader = new Thread(() -> read(in), "qmp-client");
        reader.setDaemon(true);
        reader.start();
    }

    /** Over the standard input and output of a process. */
    static QmpClient of(Process process) {
        return new QmpClient(
                process.getInputStream(), process.getOutputStream(), process.getOutputStream());
    }

    /** Over a connection that the other side has made. */
    static QmpClient of(SocketChannel channel) {
        Plain plain = new Plain(channel);
        return new QmpClient(
                Channels.newInputStream(plain), Channels.newOutputStream(plain), channel);
    }

    /**
     * Just a channel: the JDK's streams of one that can be selected write only while none reads.
     */
    private record Plain(SocketChannel channel) implements ByteChannel {
        @Override
        public int read(ByteBuffer destination) throws IOException {
            return channel.read(destination);
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            return channel.write(source);
        }

        @Override
        public boolean isOpen() {
            return channel.isOpen();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    /** Connects as soon as somebody listens. */
    static QmpClient connect(Path socket) {
        SocketChannel[] connected = new SocketChannel[1];
        Await.until(
                "somebody listens on " + socket,
                Daemon.START,
                () -> {
                    try {
                        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
                        channel.connect(UnixDomainSocketAddress.of(socket));
                        connected[0] = channel;
                        return true;
                    } catch (IOException e) {
                        return false;
                    }
                });
        return of(connected[0]);
    }

    /** Takes the greeting and negotiates; after that, commands are heard. */
    QmpClient ready() {
        String greeting = line();
        if (!greeting.startsWith("{\"QMP\": ")) {
            throw new AssertionError("no greeting, but " + greeting);
        }
        ask(CAPABILITIES);
        return this;
    }

    void send(String text) {
        try {
            out.write(text.getBytes(StandardCharsets.UTF_8));
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(text, e);
        }
    }

    /** Sends a request, and answers with what comes up to its reply: events, then the reply. */
    List<String> ask(String request) {
        send(request + "\n");
        List<String> said = new ArrayList<>();
        String line;
        do {
            line = line();
            said.add(line);
        } while (line.contains("\"event\": "));
        return said;
    }

    /** The next line, or {@link #END}. */
    String line() {
        return line(Daemon.START);
    }

    String line(Duration deadline) {
        try {
            String line = lines.poll(deadline.toMillis(), TimeUnit.MILLISECONDS);
            if (line == null) {
                throw new AssertionError("nothing was said in " + deadline.toMillis() + " ms");
            }
            return line;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    private void read(InputStream in) {
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            String line;
            while ((line = reader.readLine()) != null) {
                lines.add(line);
            }
        } catch (IOException e) {
            // As good as an end.
        }
        lines.add(END);
    }

    @Override
    public void close() throws Exception {
        connection.close();
    }
}
