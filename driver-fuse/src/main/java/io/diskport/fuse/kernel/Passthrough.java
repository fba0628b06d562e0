package io.diskport.fuse.kernel;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.BlockIOException;
import io.diskport.api.export.BlockBackend;
import io.diskport.api.node.FileLease;
import io.diskport.natives.FileStatus;
import io.diskport.natives.Libc;
import io.diskport.natives.LibcConstants;
import io.diskport.natives.NativeError;
import io.diskport.natives.NativeMemory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * The plain file beneath a node, which the kernel reads and writes by itself (FUSE passthrough,
 * Linux 6.9). The daemon sees nothing of that: no limits, no statistics, no filter.
 */
public final class Passthrough implements AutoCloseable {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String CAPABILITIES = "CapEff:";
    private static final long CAP_SYS_ADMIN = 1L << 21;

    private final FileLease lease;

    private Passthrough(FileLease lease) {
        this.lease = lease;
    }

    /**
     * Borrows the file.
     *
     * @param revoke called when the node wants it back
     * @throws BlockException if the node is not a plain file from its start to its end
     */
    public static Passthrough of(BlockBackend backend, boolean growable, Runnable revoke)
            throws BlockException {
        if (backend.writable() && !growable) {
            throw refused(
                    Reason.INVALID,
                    "needs growable=on for a writable export: the kernel lets clients write past"
                            + " the end, and nobody is asked");
        }
        if (!maySetUp()) {
            throw noRight();
        }
        FileLease lease = lease(backend, revoke);
        boolean whole = false;
        try {
            whole = isWhole(lease, backend.length());
        } finally {
            if (!whole) {
                lease.close();
            }
        }
        if (!whole) {
            throw noFile(backend);
        }
        return new Passthrough(lease);
    }

    /**
     * Borrows the file once more, for clients that the kernel goes on to serve meanwhile: they may
     * have made it longer than the node knows yet.
     *
     * @param revoke called when the node wants it back
     * @throws BlockException if the node does not lend it any more
     */
    public static Passthrough again(BlockBackend backend, Runnable revoke) throws BlockException {
        return new Passthrough(lease(backend, revoke));
    }

    private static FileLease lease(BlockBackend backend, Runnable revoke) throws BlockException {
        try {
            return backend.leaseFile(backend.writable(), revoke).orElseThrow(() -> noFile(backend));
        } catch (BlockIOException e) {
            throw refused(Reason.FAILED, "cannot be had: " + e.getMessage());
        }
    }

    private static boolean isWhole(FileLease lease, long length) {
        FileStatus status = new FileStatus();
        return Libc.fstat(lease.descriptor(), status) >= 0
                && status.type() == LibcConstants.S_IFREG
                && lease.offset() == 0
                && lease.length() == length
                && status.size() == length;
    }

    /** The file's descriptor, which belongs to the node. */
    public int descriptor() {
        return lease.descriptor();
    }

    /**
     * Gives the file to the kernel.
     *
     * @return its number there
     */
    int register(int connection) throws BlockException {
        // struct fuse_backing_map: s32 fd, u32 flags, u64 padding
        ByteBuffer map = NativeMemory.allocate(16, 8).putInt(0, lease.descriptor());
        int result =
                Libc.ioctl(connection, Protocol.DEV_IOC_BACKING_OPEN, NativeMemory.address(map));
        Reference.reachabilityFence(map);
        if (result == -NativeError.EPERM) {
            throw noRight();
        }
        if (result < 0) {
            throw refused(
                    Reason.FAILED, "the kernel does not take it: " + NativeError.message(result));
        }
        return result;
    }

    /** Gives the file back; the kernel keeps it open for clients that have it open. Idempotent. */
    @Override
    public void close() {
        lease.close();
    }

    /** Whether this process has the right, as far as can be told: known before anything is made. */
    private static boolean maySetUp() {
        try (Stream<String> lines = Files.lines(STATUS)) {
            return lines.filter(line -> line.startsWith(CAPABILITIES))
                    .map(line -> line.substring(CAPABILITIES.length()).strip())
                    .allMatch(bits -> (Long.parseUnsignedLong(bits, 16) & CAP_SYS_ADMIN) != 0);
        } catch (IOException | UncheckedIOException | NumberFormatException e) {
            return true;
        }
    }

    private static BlockException noRight() {
        return refused(
                Reason.DENIED,
                "needs the capability CAP_SYS_ADMIN: run the daemon as root, or leave it out");
    }

    static BlockException notOffered() {
        return refused(
                Reason.UNAVAILABLE,
                "this kernel does not offer it (Linux 6.9 or newer with CONFIG_FUSE_PASSTHROUGH)");
    }

    private static BlockException noFile(BlockBackend backend) {
        return refused(
                Reason.INVALID,
                "node '"
                        + backend.nodeName()
                        + "' is not a plain file from its start to its end: it needs a node of"
                        + " driver 'file' without a filter, an offset or writethrough=on in"
                        + " between");
    }

    /** A refusal that names the option. */
    public static BlockException refused(Reason reason, String text) {
        return new BlockException(reason, "passthrough=on: " + text);
    }
}
