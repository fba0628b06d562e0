package io.diskport.fuse.kernel;

import io.diskport.api.BlockException;
import io.diskport.fuse.engine.ConnectionCut;
import io.diskport.natives.Libc;
import io.diskport.natives.LibcConstants;
import io.diskport.natives.NativeDescriptor;
import io.diskport.natives.NativeError;
import io.diskport.natives.NativeMemory;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The descriptors of /dev/fuse that one mount has: the one it was mounted with, and clones of it,
 * each with its own list of requests that wait for their reply. Any thread.
 *
 * <p>Reading blocks. A reader is woken by {@link #wakeReader}.
 */
final class Connection implements AutoCloseable {
    private static final int WAKE = Protocol.OUT_HEADER + Protocol.NOTIFY_RETRIEVE_OUT;

    private final int[] descriptors;
    private final ConnectionCut cut;
    private final ByteBuffer wake = NativeMemory.allocate(WAKE, Long.BYTES);
    private boolean closed;

    private Connection(int[] descriptors, String device, System.Logger log) throws BlockException {
        this.descriptors = descriptors;
        ConnectionCut made = null;
        try {
            made = new ConnectionCut(device, log, descriptors);
        } finally {
            if (made == null) {
                closeAll();
            }
        }
        this.cut = made;
        wake.putInt(0, WAKE).putInt(4, Protocol.NOTIFY_RETRIEVE);
        wake.putLong(Protocol.OUT_HEADER + 8, Protocol.ROOT_ID);
        for (int descriptor : descriptors) {
            int flags = Libc.fcntl(descriptor, LibcConstants.F_GETFL, 0);
            Libc.fcntl(descriptor, LibcConstants.F_SETFL, flags & ~LibcConstants.O_NONBLOCK);
        }
    }

    /**
     * A connection with as many descriptors as wanted, where the device may be opened for it, and
     * fewer otherwise.
     *
     * @param descriptor the mount's, which belongs to the connection from now on, or is closed
     * @param mountDevice the mount's, {@code major:minor}
     * @param fuseDevice usually /dev/fuse
     */
    static Connection open(
            int descriptor, int wanted, String mountDevice, Path fuseDevice, System.Logger log)
            throws BlockException {
        int[] all = new int[wanted];
        all[0] = descriptor;
        int count = 1;
        while (count < wanted) {
            int clone = clone(descriptor, fuseDevice);
            if (clone < 0) {
                log.log(
                        System.Logger.Level.DEBUG,
                        "All workers share one descriptor: " + NativeError.message(clone));
                break;
            }
            all[count++] = clone;
        }
        return new Connection(Arrays.copyOf(all, count), mountDevice, log);
    }

    /** The connection of the driver's version before this one. */
    static Connection takeOver(
            List<NativeDescriptor> descriptors, String mountDevice, System.Logger log)
            throws BlockException {
        int[] all = descriptors.stream().mapToInt(NativeDescriptor::release).toArray();
        return new Connection(all, mountDevice, log);
    }

    private static int clone(int descriptor, Path device) {
        int flags = LibcConstants.O_RDWR | LibcConstants.O_CLOEXEC;
        int clone = Libc.open(device.toString(), flags, 0);
        if (clone < 0) {
            return clone;
        }
        ByteBuffer argument = NativeMemory.allocate(Integer.BYTES, Integer.BYTES);
        argument.putInt(0, descriptor);
        int result = Libc.ioctl(clone, Protocol.DEV_IOC_CLONE, NativeMemory.address(argument));
        Reference.reachabilityFence(argument);
        if (result < 0) {
            Libc.close(clone);
            return result;
        }
        return clone;
    }

    /** The number of a descriptor; any index will do, and the same one has the same number. */
    int descriptor(int index) {
        return descriptors[index % descriptors.length];
    }

    /**
     * Ends one wait for a request, now or when there is one: asks the kernel for none of its cached
     * bytes, which it answers with a message to one reader.
     */
    synchronized void wakeReader() {
        // Once it is closed, the number may be another file's.
        if (!closed) {
            Libc.write(descriptors[0], NativeMemory.address(wake), WAKE);
        }
    }

    /** How many requests the kernel has no answer to yet, if that can be known. */
    Optional<String> waiting() {
        return cut.waiting();
    }

    /** Ends the kernel's side under requests that hang. */
    void cut() {
        cut.cut();
    }

    /** Gives the descriptors away: they are not closed here any more. */
    synchronized List<NativeDescriptor> release() {
        closed = true;
        cut.close();
        return IntStream.of(descriptors).mapToObj(NativeDescriptor::new).toList();
    }

    /** Closes the descriptors; nobody uses them any more. */
    @Override
    public synchronized void close() {
        closed = true;
        cut.close();
        closeAll();
    }

    private void closeAll() {
        for (int descriptor : descriptors) {
            Libc.close(descriptor);
        }
    }
}
