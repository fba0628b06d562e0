package io.diskport.qmp;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** The other end of a monitor. */
final class Peer implements AutoCloseable {
    private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(20);

    private final SocketChannel channel;
    private final StringBuilder read = new StringBuilder();

    Peer(SocketChannel channel) {
        this.channel = channel;
    }

    static Peer connect(Path socket) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket));
        return new Peer(channel);
    }

    void send(String text) throws IOException {
        channel.configureBlocking(true);
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Sends what fits without waiting; how many bytes that were. */
    int trySend(String text) throws IOException {
        channel.configureBlocking(false);
        return channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Sends a request, and reads a line. */
    String ask(String request) throws Exception {
        send(request + "\n");
        return line();
    }

    /** The next line, or {@code EOF}. */
    String line() throws Exception {
        String line = poll(DEADLINE_NANOS);
        if (line.isEmpty()) {
            throw new AssertionError("nothing came; so far: " + read);
        }
        return line;
    }

    /** The next line if it comes in time, {@code EOF}, or nothing. */
    String poll(long nanos) throws Exception {
        channel.configureBlocking(false);
        long deadline = System.nanoTime() + nanos;
        ByteBuffer buffer = ByteBuffer.allocate(4096);
        while (true) {
            int end = read.indexOf("\r\n");
            if (end >= 0) {
                String line = read.substring(0, end);
                read.delete(0, end + 2);
                return line;
            }
            int count;
            try {
                count = channel.read(buffer.clear());
            } catch (IOException e) {
                return "EOF";
            }
            if (count < 0) {
                return "EOF";
            }
            if (count == 0 && System.nanoTime() > deadline) {
                return "";
            }
            if (count == 0) {
                Thread.sleep(2);
            }
            read.append(StandardCharsets.UTF_8.decode(buffer.flip()));
        }
    }

    void shutdownOutput() throws IOException {
        channel.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
