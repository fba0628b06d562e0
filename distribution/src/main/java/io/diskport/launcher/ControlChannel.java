package io.diskport.launcher;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A connection to the control socket of a daemon, as the bundle control-cline answers on it. A
 * frame is a letter, a length of four bytes, and as many bytes.
 */
final class ControlChannel implements AutoCloseable {
    /** To the daemon: one command, its words with NUL between them. */
    static final char WORDS = 'W';

    /** To the daemon: a line of the shell. */
    static final char LINE = 'L';

    /** To the daemon: interrupt what runs. */
    static final char INTERRUPT = 'I';

    /** From the daemon: standard output. */
    static final char OUTPUT = 'O';

    /** From the daemon: standard error. */
    static final char ERROR = 'E';

    /** From the daemon: the status of the command, four bytes; it has ended. */
    static final char STATUS = 'S';

    private static final int HEADER = 5;

    /** The daemon sends less at a time. */
    private static final int LONGEST = 1 << 20;

    /** What the system takes as the path of a socket. */
    private static final int LONGEST_PATH = 100;

    private final SocketChannel channel;

    private ControlChannel(SocketChannel channel) {
        this.channel = channel;
    }

    /** What the daemon says. */
    record Frame(char kind, byte[] content) {}

    static ControlChannel connect(Path socket) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        Path link = null;
        try {
            Path path = socket;
            if (socket.toString().getBytes(StandardCharsets.UTF_8).length > LONGEST_PATH) {
                link = Files.createTempDirectory("diskport").resolve("var");
                Files.createSymbolicLink(link, socket.getParent());
                path = link.resolve(socket.getFileName());
            }
            channel.connect(UnixDomainSocketAddress.of(path));
            return new ControlChannel(channel);
        } catch (IOException e) {
            channel.close();
            throw e;
        } finally {
            if (link != null) {
                Files.delete(link);
                Files.delete(link.getParent());
            }
        }
    }

    synchronized void send(char kind, String content) throws IOException {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        ByteBuffer frame = ByteBuffer.allocate(HEADER + bytes.length);
        frame.put((byte) kind).putInt(bytes.length).put(bytes).flip();
        while (frame.hasRemaining()) {
            channel.write(frame);
        }
    }

    /**
     * Waits for what the daemon says next.
     *
     * @throws EOFException if it has gone
     */
    Frame receive() throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER);
        fill(header);
        char kind = (char) header.get();
        int length = header.getInt();
        if (length < 0 || length > LONGEST) {
            throw new IOException("it does not speak as Diskport does");
        }
        ByteBuffer content = ByteBuffer.allocate(length);
        fill(content);
        return new Frame(kind, content.array());
    }

    private void fill(ByteBuffer target) throws IOException {
        while (target.hasRemaining()) {
            if (channel.read(target) < 0) {
                throw new EOFException("it has ended");
            }
        }
        target.flip();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
