package io.diskport.cline.socket;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/** What a command prints, as frames of one kind. */
final class FrameOutput extends OutputStream {
    private static final int LARGEST = 1 << 16;

    private final FrameWriter writer;
    private final char kind;

    FrameOutput(FrameWriter writer, char kind) {
        this.writer = writer;
        this.kind = kind;
    }

    @Override
    public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        for (int done = 0; done < length; ) {
            int part = Math.min(LARGEST, length - done);
            writer.send(kind, ByteBuffer.wrap(bytes, offset + done, part));
            done += part;
        }
    }
}
