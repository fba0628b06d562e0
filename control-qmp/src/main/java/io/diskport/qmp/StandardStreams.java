package io.diskport.qmp;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;

/**
 * Standard input and output as a channel. They stay open when it is closed, for their numbers must
 * not become those of other files; a read that waits goes on waiting then.
 */
final class StandardStreams implements ByteChannel {
    private final InputStream in;
    private final OutputStream out;
    private volatile boolean open = true;

    StandardStreams(InputStream in, OutputStream out) {
        this.in = in;
        this.out = out;
    }

    static StandardStreams ofTheProcess() {
        return new StandardStreams(System.in, new FileOutputStream(FileDescriptor.out));
    }

    @Override
    public int read(ByteBuffer buffer) throws IOException {
        int count =
                in.read(
                        buffer.array(),
                        buffer.arrayOffset() + buffer.position(),
                        buffer.remaining());
        if (!open) {
            return -1;
        }
        if (count > 0) {
            buffer.position(buffer.position() + count);
        }
        return count;
    }

    @Override
    public int write(ByteBuffer buffer) throws IOException {
        if (!open) {
            throw new IOException("closed");
        }
        int count = buffer.remaining();
        out.write(buffer.array(), buffer.arrayOffset() + buffer.position(), count);
        out.flush();
        buffer.position(buffer.limit());
        return count;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() {
        open = false;
    }
}
