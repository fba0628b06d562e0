package io.diskport.vhost.blk;

import io.diskport.natives.FileStatus;
import io.diskport.natives.Libc;
import io.diskport.natives.LibcConstants;
import io.diskport.natives.LibcMemory;
import io.diskport.natives.NativeDescriptor;
import io.diskport.natives.NativeError;

/** A file of shared memory, mapped from its beginning, with its descriptor. */
final class MappedFile implements AutoCloseable {
    private final NativeDescriptor file;
    private final long address;
    private final long length;
    private final boolean sealed;
    private boolean closed;

    private MappedFile(NativeDescriptor file, long address, long length) {
        this.file = file;
        this.address = address;
        this.length = length;
        int seals = Libc.fcntl(file.fd(), LibcMemory.F_GET_SEALS, 0);
        this.sealed = seals > 0 && (seals & LibcMemory.F_SEAL_SHRINK) != 0;
    }

    /**
     * Maps a file.
     *
     * @param file is closed with the mapping; the caller's where this fails
     * @param offset where the part begins that is used
     * @param size of that part
     * @param what it is, for the message
     */
    static MappedFile map(NativeDescriptor file, long offset, long size, String what)
            throws Misbehaviour {
        if (offset < 0 || size <= 0 || offset > Long.MAX_VALUE - size) {
            throw new Misbehaviour(
                    "%s of %d bytes at offset %d cannot be".formatted(what, size, offset));
        }
        FileStatus status = new FileStatus();
        int error = Libc.fstat(file.fd(), status);
        if (error < 0 || status.type() != LibcConstants.S_IFREG) {
            throw new Misbehaviour("the descriptor of " + what + " is no file of memory");
        }
        // Whatever is behind the file's end would be a fault at every access.
        if (offset + size > status.size()) {
            throw new Misbehaviour(
                    "%s of %d bytes at offset %d does not fit into its file of %d bytes"
                            .formatted(what, size, offset, status.size()));
        }
        long address =
                LibcMemory.mmap(
                        offset + size,
                        LibcMemory.PROT_READ | LibcMemory.PROT_WRITE,
                        LibcMemory.MAP_SHARED | LibcMemory.MAP_NORESERVE,
                        file.fd(),
                        0);
        if (address < 0) {
            throw new Misbehaviour(
                    what + " cannot be mapped: " + NativeError.message((int) address));
        }
        return new MappedFile(file, address, offset + size);
    }

    /** Whether memory is missing that was there when it was mapped: it may fault. Any thread. */
    boolean isCut() {
        if (sealed) {
            return false;
        }
        long size = Libc.size(file.fd());
        return size >= 0 && size < length;
    }

    /** Of the file's first byte. */
    long address() {
        return address;
    }

    /** Ends the mapping, and leaves the descriptor to the caller. */
    NativeDescriptor release() {
        unmap();
        return file;
    }

    private synchronized void unmap() {
        if (!closed) {
            closed = true;
            LibcMemory.munmap(address, length);
        }
    }

    /** Nobody uses the memory any more. Idempotent. */
    @Override
    public void close() {
        unmap();
        file.close();
    }
}
