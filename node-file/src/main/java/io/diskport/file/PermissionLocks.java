package io.diskport.file;

import io.diskport.api.BlockException;
import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.node.Permissions;

/**
 * What this node does to its file, and what it bears from others, told to other processes by locks
 * on single bytes.
 *
 * <p>The bytes are those of QEMU's image locking: 100 + n is locked by who has permission n, 200 +
 * n by who does not share it, with n = 0 for reading, 1 for writing, 3 for resizing. All locks are
 * shared ones, which never refuse each other; so each side first sets its own, then looks for the
 * other side's, and of two that come at once at least one sees the other.
 *
 * <p>Who writes or resizes never shares that: two writers that know nothing of each other destroy
 * what is in the file. A node without users holds no lock, writable or not, as with QEMU.
 */
final class PermissionLocks {
    private static final long HELD = 100;
    private static final long UNSHARED = 200;

    private static final int READ = 0;
    private static final int WRITE = 1;
    private static final int RESIZE = 3;
    private static final int[] ALL = {READ, WRITE, RESIZE};

    private final OpenFile file;
    private final String name;
    private final boolean writable;
    private int held;
    private int unshared;

    PermissionLocks(OpenFile file, String name, boolean writable) {
        this.file = file;
        this.name = name;
        this.writable = writable;
    }

    /** Takes and drops locks; when another process stands against it, all stays as it was. */
    synchronized void set(Permissions hold, Permissions share) throws BlockException {
        int newHeld = bits(hold);
        int newUnshared = bits(Permissions.ALL.minus(share));
        if (hold.write() || hold.resize()) {
            newUnshared |= 1 << WRITE | 1 << RESIZE;
        }
        try {
            lock(HELD, newHeld & ~held);
            lock(UNSHARED, newUnshared & ~unshared);
            check(newHeld, newUnshared);
        } catch (BlockException | BlockIOException e) {
            drop(newHeld & ~held, newUnshared & ~unshared, e);
            throw e instanceof BlockException refused ? refused : refused((BlockIOException) e);
        }
        int oldHeld = held & ~newHeld;
        int oldUnshared = unshared & ~newUnshared;
        held = newHeld;
        unshared = newUnshared;
        try {
            unlock(HELD, oldHeld);
            unlock(UNSHARED, oldUnshared);
        } catch (BlockIOException e) {
            throw new BlockException(BlockException.Reason.FAILED, e.getMessage(), e);
        }
    }

    private void check(int newHeld, int newUnshared) throws BlockException, BlockIOException {
        for (int n : ALL) {
            if ((newHeld & 1 << n) != 0 && file.isByteLockedByOthers(UNSHARED + n)) {
                throw refused(
                        "Failed to get \"" + word(n) + "\" lock on '" + name + "'",
                        "does not share it");
            }
            if ((newUnshared & 1 << n) != 0 && file.isByteLockedByOthers(HELD + n)) {
                throw refused(
                        "Failed to get shared \"" + word(n) + "\" lock on '" + name + "'",
                        "may " + word(n) + " it");
            }
        }
    }

    private BlockException refused(String what, String why) {
        String cure =
                writable
                        ? "end that, or open the file with read-only=on"
                        : "end that, or open the file with locking=off if stale data does no harm";
        return new BlockException(
                BlockException.Reason.IN_USE,
                what + ": another process or node is using it and " + why + "; " + cure);
    }

    private BlockException refused(BlockIOException e) {
        if (e.errno() == Errno.EAGAIN || e.errno() == Errno.EACCES) {
            return new BlockException(
                    BlockException.Reason.IN_USE,
                    "Failed to lock '"
                            + name
                            + "': another process has locked it for itself; end that, or open the"
                            + " file with locking=off if you know that it does no harm",
                    e);
        }
        return new BlockException(BlockException.Reason.FAILED, e.getMessage(), e);
    }

    private void lock(long base, int bits) throws BlockIOException {
        for (int n : ALL) {
            if ((bits & 1 << n) != 0) {
                file.lockByte(base + n);
            }
        }
    }

    private void unlock(long base, int bits) throws BlockIOException {
        for (int n : ALL) {
            if ((bits & 1 << n) != 0) {
                file.unlockByte(base + n);
            }
        }
    }

    private void drop(int heldBits, int unsharedBits, Exception cause) {
        try {
            unlock(HELD, heldBits);
            unlock(UNSHARED, unsharedBits);
        } catch (BlockIOException e) {
            cause.addSuppressed(e);
        }
    }

    private static int bits(Permissions permissions) {
        return (permissions.read() ? 1 << READ : 0)
                | (permissions.write() ? 1 << WRITE : 0)
                | (permissions.resize() ? 1 << RESIZE : 0);
    }

    private static String word(int n) {
        return switch (n) {
            case READ -> "read";
            case WRITE -> "write";
            default -> "resize";
        };
    }
}
