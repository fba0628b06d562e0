package io.diskport.nbd.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The replies that the thread that receives has gathered, to be sent together. Only that thread
 * uses it.
 */
final class Output {
    /** The most data of one reply that is gathered. */
    static final int PIECE = 256 << 10;

    private static final int SMALLEST = 32 << 10;
    private static final int LARGEST = 2 * (PIECE + Reply.MAX_SIZE);

    private final Sender sender;

    /** To be put into. It begins small and grows with what is gathered; another one after that. */
    ByteBuffer bytes = ByteBuffer.allocateDirect(SMALLEST);

    private boolean left;

    Output(Sender sender) {
        this.sender = sender;
    }

    /**
     * Sends all, and what others have left to this thread.
     *
     * @return false if the connection is to be left to somebody else
     */
    boolean send() throws IOException {
        if (!sender.flush(bytes.flip())) {
            bytes.compact();
            left = true;
            return false;
        }
        bytes.clear();
        return true;
    }

    /** Sends if that is worth it by now; the result as of {@link #send}. */
    boolean sendIfEnough() throws IOException {
        if (bytes.position() < bytes.capacity() / 2) {
            return true;
        }
        boolean sent = send();
        if (sent && bytes.capacity() < LARGEST) {
            bytes = ByteBuffer.allocateDirect(Math.min(LARGEST, 2 * bytes.capacity()));
        }
        return sent;
    }

    /** Whether the connection is to be left to somebody else, so that nothing more is sent. */
    boolean isLeft() {
        return left;
    }

    /** Makes room for a reply without data. */
    ByteBuffer room() throws IOException {
        if (bytes.remaining() < Reply.MAX_SIZE && !send() && bytes.remaining() < Reply.MAX_SIZE) {
            bytes = ByteBuffer.allocateDirect(2 * bytes.capacity()).put(bytes.flip());
        }
        return bytes;
    }

    /** Makes room; false if the connection is to be left to somebody else before. */
    boolean makeRoom(int count) throws IOException {
        if (bytes.remaining() >= count) {
            return true;
        }
        if (!send()) {
            return false;
        }
        if (bytes.capacity() < count) {
            bytes = ByteBuffer.allocateDirect(LARGEST);
        }
        return true;
    }

    /** What was not sent, for whoever goes on. */
    List<ByteBuffer> rest() throws IOException {
        return sender.rest(List.of(bytes.flip()));
    }
}
