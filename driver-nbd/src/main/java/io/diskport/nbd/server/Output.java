package io.diskport.nbd.server;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The replies that the thread that receives has gathered, to be sent together. Only that thread
 * uses it.
 */
final class Output {
    /** The most data of one reply that is gathered. */
    static final int PIECE = 256 << 10;

    private final Sender sender;

    /** To be put into; there is room for a piece beside what is not worth sending yet. */
    final ByteBuffer bytes = ByteBuffer.allocateDirect(2 * PIECE + 2 * Reply.MAX_SIZE);

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
            return false;
        }
        bytes.clear();
        return true;
    }

    /** Sends if that is worth it by now; the result as of {@link #send}. */
    boolean sendIfEnough() throws IOException {
        return bytes.position() < PIECE || send();
    }

    /** Makes room for a reply without data; it is there unless the connection is to be left. */
    ByteBuffer room() throws IOException {
        if (bytes.remaining() < Reply.MAX_SIZE) {
            send();
        }
        return bytes;
    }

    /** Makes room; false if the connection is to be left to somebody else before. */
    boolean makeRoom(int count) throws IOException {
        return bytes.remaining() >= count || send();
    }

    /** What was not sent, for whoever goes on. */
    byte[] rest() throws IOException {
        byte[] rest = sender.rest(bytes.flip());
        bytes.clear();
        return rest;
    }
}
