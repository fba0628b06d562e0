package io.diskport.vhost.blk;

import io.diskport.natives.Libc;
import io.diskport.natives.LibcMemory;
import io.diskport.natives.NativeDescriptor;
import io.diskport.natives.NativeError;
import io.diskport.natives.NativeMemory;
import java.io.IOException;

/**
 * Memory in which requests under way are noted, that outlives the back-end: the front-end keeps it,
 * and gives it to the next one ("Inflight I/O tracking").
 */
final class Inflight implements AutoCloseable {
    private static final int QUEUE_ALIGNMENT = 64;
    private static final int MOST_QUEUES = 64;

    /**
     * What a front-end asks for, or says of the memory that it brings.
     *
     * @param size in bytes
     * @param offset where it begins in its file
     */
    record Layout(long size, long offset, int queues, int queueSize) {
        void check() throws Misbehaviour {
            if (queues < 1
                    || queues > MOST_QUEUES
                    || queueSize < 1
                    || queueSize > VirtioBlk.MAX_QUEUE_SIZE
                    || Integer.bitCount(queueSize) != 1) {
                throw new Misbehaviour(
                        "inflight memory for %d queues of %d entries cannot be"
                                .formatted(queues, queueSize));
            }
        }

        /** Bytes of one queue. */
        int stride() {
            int length = InflightQueue.HEADER + queueSize * InflightQueue.ENTRY;
            return (length + QUEUE_ALIGNMENT - 1) / QUEUE_ALIGNMENT * QUEUE_ALIGNMENT;
        }

        /** The layout that a new memory of the same number and size of queues has. */
        Layout made() {
            return new Layout((long) queues * stride(), 0, queues, queueSize);
        }
    }

    private final Layout layout;
    private final MappedFile file;

    private Inflight(Layout layout, MappedFile file) {
        this.layout = layout;
        this.file = file;
    }

    /** New memory, zeroed, which nobody can make shorter. */
    static NativeDescriptor create(Layout made) throws IOException {
        int fd =
                LibcMemory.memfd(
                        "vhost-inflight", LibcMemory.MFD_CLOEXEC | LibcMemory.MFD_ALLOW_SEALING);
        if (fd < 0) {
            throw new IOException("no memory for inflight requests: " + NativeError.message(fd));
        }
        NativeDescriptor file = new NativeDescriptor(fd);
        int error = Libc.ftruncate(fd, made.size);
        if (error < 0) {
            file.close();
            throw new IOException("no memory for inflight requests: " + NativeError.message(error));
        }
        // Where seals are not known, a shorter file costs the connection.
        Libc.fcntl(
                fd,
                LibcMemory.F_ADD_SEALS,
                LibcMemory.F_SEAL_SHRINK | LibcMemory.F_SEAL_GROW | LibcMemory.F_SEAL_SEAL);
        return file;
    }

    /**
     * Maps what a front-end brings; the descriptor is closed with it, or the caller's if this
     * fails.
     */
    static Inflight map(Layout layout, NativeDescriptor descriptor) throws Misbehaviour {
        layout.check();
        if (layout.size < (long) layout.queues * layout.stride() || layout.size > 1 << 24) {
            throw new Misbehaviour(
                    "inflight memory of %d bytes is not right for %d queues of %d entries"
                            .formatted(layout.size, layout.queues, layout.queueSize));
        }
        return new Inflight(
                layout,
                MappedFile.map(descriptor, layout.offset, layout.size, "its inflight memory"));
    }

    Layout layout() {
        return layout;
    }

    /** The part of a queue; one that tracks nothing if the memory has none for it. */
    InflightQueue queue(int index, int ringSize) throws Misbehaviour {
        if (index >= layout.queues) {
            return InflightQueue.NONE;
        }
        if (ringSize > layout.queueSize) {
            throw new Misbehaviour(
                    "queue %d has %d entries, and inflight memory for %d"
                            .formatted(index, ringSize, layout.queueSize));
        }
        long address = file.address() + layout.offset + (long) index * layout.stride();
        return new InflightQueue(
                NativeMemory.view(address, layout.stride()), layout.queueSize, ringSize);
    }

    /** See {@link MappedFile#isCut}. */
    boolean isCut() {
        return file.isCut();
    }

    /** Ends the mapping, and leaves the descriptor to the caller. */
    NativeDescriptor release() {
        return file.release();
    }

    @Override
    public void close() {
        file.close();
    }
}
