package io.diskport.cline.socket;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/** What a command prints, as frames of one kind. */
final class FrameOutput extends OutputStream {
    private static final int LARGEST = 1 << 16;

    private final Conversation conversation;
    private final char kind;

    FrameOutput(Conversation conversation, char kind) {
        this.conversation = conversation;
        this.kind = kind;
    }

    @Override
    public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    /** A thread that was interrupted would close the connection: it hears of that again later. */
    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            for (int done = 0; done < length; ) {
                int part = Math.min(LARGEST, length - done);
                conversation.send(kind, ByteBuffer.wrap(bytes, offset + done, part));
                done += part;
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
