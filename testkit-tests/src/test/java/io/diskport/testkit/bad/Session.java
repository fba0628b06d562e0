package io.diskport.testkit.bad;

import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.export.BlockBackend;
import io.diskport.api.export.Client;
import io.diskport.api.node.RequestFlags;
import io.diskport.testkit.bad.BadExportDriver.Bug;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.Optional;

/** A client, whose requests are as {@link Wire} says. */
final class Session {
    /** Whether a byte of the next answer is lost; only its driver's thread looks. */
    boolean losesAByte;

    private final BadExport export;
    private final SocketChannel channel;
    private final Optional<Client> client;

    Session(BadExport export, SocketChannel channel, Optional<Client> client) {
        this.export = export;
        this.channel = channel;
        this.client = client;
    }

    SocketChannel channel() {
        return channel;
    }

    Optional<Client> client() {
        return client;
    }

    private boolean has(Bug bug) {
        return export.bug() == bug;
    }

    /** Answers a request. */
    void serve() throws IOException {
        ByteBuffer header = receive(Wire.HEADER);
        byte what = header.get();
        long offset = header.getLong();
        int length = header.getInt();
        ByteBuffer written = receive(what == Wire.WRITE || what == Wire.WRITE_THROUGH ? length : 0);
        byte[] answer = new byte[what == Wire.READ ? length : what == Wire.LENGTH ? Long.BYTES : 0];
        byte error = 0;
        try {
            perform(what, offset, length, written, answer);
        } catch (BlockIOException e) {
            error = (byte) (isSwallowed(what, e) ? 0 : 1);
        }
        if (export.leavesClientsWaiting()) {
            return;
        }
        if (losesAByte && what == Wire.READ) {
            losesAByte = false;
            answer = Arrays.copyOf(Arrays.copyOfRange(answer, 1, length), length);
        }
        int size = error == 0 ? answer.length : 0;
        send(ByteBuffer.allocate(1 + size).put(error).put(answer, 0, size).flip());
    }

    private boolean isSwallowed(byte what, BlockIOException e) {
        return switch (export.bug()) {
            case SWALLOWS_ERRORS -> e.errno() == Errno.EIO;
            case SWALLOWS_FLUSH_ERRORS -> what == Wire.FLUSH;
            case IGNORES_READ_ONLY -> e.errno() == Errno.EROFS;
            case READS_PAST_THE_END -> e.errno() == Errno.EINVAL;
            case WRITES_PAST_THE_END -> e.errno() == Errno.ENOSPC;
            case KEEPS_CLIENTS_AFTER_DELETE -> e.errno() == Errno.ESHUTDOWN;
            default -> false;
        };
    }

    private void perform(byte what, long offset, int length, ByteBuffer written, byte[] answer)
            throws BlockIOException {
        BlockBackend backend = export.backend();
        switch (what) {
            case Wire.READ -> {
                if (has(Bug.FAILS_BESIDE_OTHERS) && export.hasSeveralClients()) {
                    throw new BlockIOException(Errno.EBUSY, "one at a time");
                }
                long at = has(Bug.READS_BESIDE_IT) ? offset & ~1L : offset;
                backend.read(at, ByteBuffer.wrap(answer));
            }
            case Wire.WRITE -> backend.write(offset, RequestFlags.NONE, written);
            case Wire.WRITE_THROUGH ->
                    backend.write(
                            offset,
                            has(Bug.IGNORES_FUA) ? RequestFlags.NONE : RequestFlags.FUA,
                            written);
            case Wire.FLUSH -> {
                if (!has(Bug.LOSES_FLUSHES)) {
                    backend.flush();
                }
            }
            case Wire.DISCARD -> {
                if (!has(Bug.LOSES_DISCARDS)) {
                    backend.discard(offset, length, RequestFlags.NONE);
                }
            }
            case Wire.ZEROES ->
                    backend.writeZeroes(
                            offset, length + (has(Bug.ZEROES_TOO_MUCH) ? 1 : 0), RequestFlags.NONE);
            case Wire.LENGTH -> ByteBuffer.wrap(answer).putLong(export.length());
            default -> throw new BlockIOException(Errno.EINVAL, "request " + what);
        }
    }

    /** What a client begins to send it sends to its end. */
    private ByteBuffer receive(int count) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(count);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new EOFException();
            }
            Thread.onSpinWait();
        }
        return buffer.flip();
    }

    private void send(ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer);
            Thread.onSpinWait();
        }
    }
}
