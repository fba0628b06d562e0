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
import java.util.Map;
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
    private static final String NAME = "diskport";

    private final FuseHost host;
    private final Mountpoint mountpoint;
    private final int descriptor;
    private final boolean allowOther;
    private final int maxRead;
    private final Optional<MountTable.Mount> entry;
    private final AtomicBoolean detached = new AtomicBoolean();

    /**
     * How to mount.
     *
     * @param allowOther AUTO tries to let other users in, and goes on without
     * @param maxRead the most that one READ may ask for, in bytes
     */
    public record Settings(boolean writable, OnOffAuto allowOther, int maxRead) {
        private Settings with(boolean others) {
            return new Settings(writable, others ? OnOffAuto.ON : OnOffAuto.OFF, maxRead);
        }

        private boolean others() {
            return allowOther == OnOffAuto.ON;
        }
    }

    private FuseMount(
            FuseHost host,
            Mountpoint mountpoint,
            int descriptor,
            Settings settings,
            Optional<MountTable.Mount> entry) {
        this.host = host;
        this.mountpoint = mountpoint;
        this.descriptor = descriptor;
        this.allowOther = settings.others();
        this.maxRead = settings.maxRead();
        this.entry = entry;
    }

    /** Mounts. Requests wait in the kernel until somebody serves the descriptor. */
    public static FuseMount mount(FuseHost host, Mountpoint mountpoint, Settings settings)
            throws BlockException {
        if (settings.allowOther() == OnOffAuto.AUTO) {
            try {
                return mountAs(host, mountpoint, settings.with(true));
            } catch (BlockException e) {
                return mountAs(host, mountpoint, settings.with(false));
            }
        }
        return mountAs(host, mountpoint, settings);
    }

    /** What the driver's next version needs to go on with the mount, see {@link #takeOver}. */
    public Map<String, Object> save() {
        MountTable.Mount mount = entry.orElseThrow();
        return Map.of(
                "mountpoint", mountpoint.real().toString(),
                "id", mount.id(),
                "device", mount.device(),
                "table-path", mount.mountpoint(),
                "table-type", mount.type(),
                "allow-other", allowOther,
                "max-read", maxRead);
    }

    /** Loads what {@link #detach} needs, for when the bundle has gone by then. */
    public void prepareToDetach() {
        host.prepareToDetach();
    }

    /** Goes on with a mount that the driver's version before this one made. */
    public static FuseMount takeOver(FuseHost host, Mountpoint mountpoint, Map<?, ?> saved) {
        MountTable.Mount entry =
                new MountTable.Mount(
                        (Integer) saved.get("id"),
                        (String) saved.get("device"),
                        (String) saved.get("table-path"),
                        (String) saved.get("table-type"));
        OnOffAuto others =
                Boolean.TRUE.equals(saved.get("allow-other")) ? OnOffAuto.ON : OnOffAuto.OFF;
        Settings settings = new Settings(true, others, (Integer) saved.get("max-read"));
        return new FuseMount(host, mountpoint, -1, settings, Optional.of(entry));
    }

    /**
     * The descriptor of /dev/fuse, non-blocking. Whoever serves it closes it. Not there if the
     * mount was taken over.
     */
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

    /** The most that one READ may ask for, in bytes. */
    public int maxRead() {
        return maxRead;
    }

    /** Whether it is there, so that there is something to hand over. */
    public boolean isKnown() {
        return entry.isPresent() && !isGone();
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

    private static FuseMount mountAs(FuseHost host, Mountpoint mountpoint, Settings settings)
            throws BlockException {
        int descriptor =
                LibcHost.geteuid() == 0
                        ? mountAsRoot(host, mountpoint, settings)
                        : mountAsUser(host, mountpoint, settings);
        FuseMount made = null;
        try {
            Optional<MountTable.Mount> entry = MountTable.at(mountpoint.real());
            made = new FuseMount(host, mountpoint, descriptor, settings, entry);
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

    private static int mountAsRoot(FuseHost host, Mountpoint mountpoint, Settings settings)
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
                        + settings.maxRead()
                        + (settings.others() ? ",allow_other" : "");
        int result =
                LibcHost.mount(
                        NAME,
                        mountpoint.real().toString(),
                        "fuse." + NAME,
                        settings.writable() ? flags : flags | LibcConstants.MS_RDONLY,
                        data);
        if (result >= 0) {
            return descriptor;
        }
        Libc.close(descriptor);
        if (result == -NativeError.EPERM) {
            // Root in a container without the right to mount: fusermount may have it.
            return mountAsUser(host, mountpoint, settings);
        }
        throw failure(mountpoint.given(), NativeError.message(result));
    }

    private static int mountAsUser(FuseHost host, Mountpoint mountpoint, Settings settings)
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
                        + settings.maxRead()
                        + (settings.writable() ? "" : ",ro")
                        + (settings.others() ? ",allow_other" : "");
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
