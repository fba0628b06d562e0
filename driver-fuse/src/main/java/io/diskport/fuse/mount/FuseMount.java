package io.diskport.fuse.mount;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.options.OnOffAuto;
import io.diskport.natives.Libc;
import io.diskport.natives.LibcConstants;
import io.diskport.natives.LibcHost;
import io.diskport.natives.NativeError;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A FUSE file system mounted on a file, and the descriptor through which the kernel's requests
 * come.
 *
 * <p>As root it is made by mount(2), for others by fusermount; either way the reason of a failure
 * is known, and nothing is printed.
 */
public final class FuseMount {
    /** The most that one READ may ask for; what libfuse 2 has room for. */
    public static final int MAX_READ = 128 * 1024;

    private static final String NAME = "diskport";

    private final FuseHost host;
    private final Mountpoint mountpoint;
    private final int descriptor;
    private final boolean allowOther;
    private final Optional<MountTable.Mount> entry;
    private final AtomicBoolean detached = new AtomicBoolean();

    private FuseMount(FuseHost host, Mountpoint mountpoint, int descriptor, boolean allowOther)
            throws IOException {
        this.host = host;
        this.mountpoint = mountpoint;
        this.descriptor = descriptor;
        this.allowOther = allowOther;
        this.entry = MountTable.at(mountpoint.real());
    }

    /**
     * Mounts. Requests wait in the kernel until somebody serves the descriptor.
     *
     * @param allowOther AUTO tries to let other users in, and goes on without
     */
    public static FuseMount mount(
            FuseHost host, Mountpoint mountpoint, boolean writable, OnOffAuto allowOther)
            throws BlockException {
        if (allowOther == OnOffAuto.AUTO) {
            try {
                return mount(host, mountpoint, writable, true);
            } catch (BlockException e) {
                return mount(host, mountpoint, writable, false);
            }
        }
        return mount(host, mountpoint, writable, allowOther == OnOffAuto.ON);
    }

    /** The descriptor of /dev/fuse, non-blocking. Whoever serves it closes it. */
    public int descriptor() {
        return descriptor;
    }

    /** Its file system's number, {@code major:minor}; empty if it was gone at once. */
    public String device() {
        return entry.map(MountTable.Mount::device).orElse("");
    }

    /** Whether it is no longer there, whoever took it away; false where that cannot be told. */
    public boolean isGone() {
        try {
            return entry.isEmpty() || !MountTable.has(entry.get());
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether other users are let in. */
    public boolean allowOther() {
        return allowOther;
    }

    /**
     * Takes the mount out of the file tree; clients that have the file open keep it. May wait for
     * the kernel, and for whoever serves the descriptor. Idempotent.
     *
     * @throws IOException if it is still there
     */
    public void detach() throws IOException {
        if (!detached.compareAndSet(false, true)) {
            return;
        }
        if (isTopmost()) {
            host.detach(mountpoint.real());
        }
    }

    /** Whether what is mounted there is this; assumed where the table cannot be read. */
    private boolean isTopmost() {
        try {
            Optional<MountTable.Mount> topmost = MountTable.at(mountpoint.real());
            return topmost.isPresent() && topmost.equals(entry);
        } catch (IOException e) {
            return true;
        }
    }

    private static FuseMount mount(
            FuseHost host, Mountpoint mountpoint, boolean writable, boolean allowOther)
            throws BlockException {
        int descriptor =
                LibcHost.geteuid() == 0
                        ? mountAsRoot(host, mountpoint, writable, allowOther)
                        : mountAsUser(host, mountpoint, writable, allowOther);
        FuseMount made = null;
        try {
            made = new FuseMount(host, mountpoint, descriptor, allowOther);
            return made;
        } catch (IOException e) {
            throw new BlockException(
                    Reason.FAILED, "the mount table cannot be read: " + e.getMessage(), e);
        } finally {
            if (made == null) {
                undo(host, mountpoint, descriptor);
            }
        }
    }

    /** Takes back a mount that nothing is known of but that it was just made. */
    private static void undo(FuseHost host, Mountpoint mountpoint, int descriptor) {
        // First the descriptor: nobody has to answer from then on.
        Libc.close(descriptor);
        try {
            host.detach(mountpoint.real());
        } catch (IOException e) {
            // What is reported is why it was not wanted; the next export clears it away.
        }
    }

    private static int mountAsRoot(
            FuseHost host, Mountpoint mountpoint, boolean writable, boolean allowOther)
            throws BlockException {
        int descriptor = host.openDevice();
        long flags = LibcConstants.MS_NOSUID | LibcConstants.MS_NODEV | LibcConstants.MS_NOATIME;
        String data =
                "fd="
                        + descriptor
                        + ",rootmode=100000,user_id="
                        + Integer.toUnsignedString(LibcHost.geteuid())
                        + ",group_id="
                        + Integer.toUnsignedString(LibcHost.getegid())
                        + ",default_permissions,max_read="
                        + MAX_READ
                        + (allowOther ? ",allow_other" : "");
        int result =
                LibcHost.mount(
                        NAME,
                        mountpoint.real().toString(),
                        "fuse." + NAME,
                        writable ? flags : flags | LibcConstants.MS_RDONLY,
                        data);
        if (result >= 0) {
            return descriptor;
        }
        Libc.close(descriptor);
        if (result == -NativeError.EPERM) {
            // Root in a container without the right to mount: fusermount may have it.
            return mountAsUser(host, mountpoint, writable, allowOther);
        }
        throw failure(mountpoint.given(), NativeError.message(result));
    }

    private static int mountAsUser(
            FuseHost host, Mountpoint mountpoint, boolean writable, boolean allowOther)
            throws BlockException {
        Fusermount fusermount =
                host.fusermount()
                        .orElseThrow(
                                () ->
                                        failure(
                                                mountpoint.given(),
                                                "who is not root mounts through fusermount, which"
                                                        + " is not installed (Debian, Ubuntu: apt-get"
                                                        + " install fuse3; Fedora: dnf install"
                                                        + " fuse3)"));
        String options =
                "nosuid,nodev,noatime,default_permissions,fsname="
                        + NAME
                        + ",subtype="
                        + NAME
                        + ",max_read="
                        + MAX_READ
                        + (writable ? "" : ",ro")
                        + (allowOther ? ",allow_other" : "");
        try {
            int descriptor = fusermount.mount(mountpoint.real(), options);
            int flags = Libc.fcntl(descriptor, LibcConstants.F_GETFL, 0);
            Libc.fcntl(descriptor, LibcConstants.F_SETFL, flags | LibcConstants.O_NONBLOCK);
            return descriptor;
        } catch (BlockException e) {
            if (e.getMessage().contains("user_allow_other")) {
                throw new BlockException(
                        Reason.DENIED,
                        "allow-other=on: who is not root needs the line user_allow_other in"
                                + " /etc/fuse.conf",
                        e);
            }
            if (e.getMessage().contains("failed to open " + host.device() + ": Permission")) {
                throw host.deviceDenied();
            }
            throw failure(mountpoint.given(), e.getMessage());
        }
    }

    private static BlockException failure(Path given, String text) {
        return new BlockException(Reason.FAILED, "Failed to mount on '" + given + "': " + text);
    }
}
