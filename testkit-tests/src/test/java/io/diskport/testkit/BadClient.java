package io.diskport.testkit;

import io.diskport.testkit.bad.Wire;
import java.io.EOFException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** A client of exports of type bad. */
final class BadClient implements ExportClient {
    private final SocketChannel channel;

    BadClient(Path socket) throws IOException {
        channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
    }

    private byte[] ask(byte what, long offset, int length, byte[] data, int answer)
            throws IOException {
        ByteBuffer request = ByteBuffer.allocate(Wire.HEADER + data.length);
        request.put(what).putLong(offset).putInt(length).put(data).flip();
        try {
            while (request.hasRemaining()) {
                channel.write(request);
            }
        } catch (IOException e) {
            throw gone(e);
        }
        if (receive(1)[0] != 0) {
            throw new IOException("request " + what + " failed");
        }
        return receive(answer);
    }

    private byte[] receive(int count) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(count);
        while (buffer.hasRemaining()) {
            try {
                if (channel.read(buffer) < 0) {
                    throw new EOFException("its end");
                }
            } catch (IOException e) {
                throw gone(e);
            }
        }
        return buffer.array();
    }

    /** The same in whatever way the connection hears of it. */
    private static IOException gone(IOException cause) {
        return new IOException("the export has gone: " + cause.getMessage(), cause);
    }

    @Override
    public byte[] read(long offset, int length) throws IOException {
        return ask(Wire.READ, offset, length, new byte[0], length);
    }

    @Override
    public void write(long offset, byte[] bytes) throws IOException {
        ask(Wire.WRITE, offset, bytes.length, bytes, 0);
    }

    @Override
    public void writeThrough(long offset, byte[] bytes) throws IOException {
        ask(Wire.WRITE_THROUGH, offset, bytes.length, bytes, 0);
    }

    @Override
    public void flush() throws IOException {
        ask(Wire.FLUSH, 0, 0, new byte[0], 0);
    }

    @Override
    public void discard(long offset, long length) throws IOException {
        ask(Wire.DISCARD, offset, (int) length, new byte[0], 0);
    }

    @Override
    public void writeZeroes(long offset, long length) throws IOException {
        ask(Wire.ZEROES, offset, (int) length, new byte[0], 0);
    }

    @Override
    public long length() throws IOException {
        return ByteBuffer.wrap(ask(Wire.LENGTH, 0, 0, new byte[0], Long.BYTES)).getLong();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
