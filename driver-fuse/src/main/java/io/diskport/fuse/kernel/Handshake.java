package io.diskport.fuse.kernel;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.natives.Libc;
import io.diskport.natives.LibcConstants;
import io.diskport.natives.LibcHost;
import io.diskport.natives.NativeError;
import io.diskport.natives.NativeMemory;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the kernel and this engine have agreed on in FUSE_INIT, the first request of a connection.
 *
 * @param minor the version of the protocol that is spoken
 * @param maxData the most data of one READ or WRITE, in bytes
 * @param passthrough whether the kernel can read and write a file by itself
 */
record Handshake(int minor, int maxData, boolean passthrough) {
    private static final Path PAGES_LIMIT = Path.of("/proc/sys/fs/fuse/max_pages_limit");
    private static final int USUAL_PAGES = 256;
    private static final int MOST_PAGES = 1024;
    private static final int PAGE = 4096;
    private static final int ANSWER_MILLIS = 10_000;
    private static final int MAX_BACKGROUND = 256;
    private static final int MAX_READAHEAD = 1 << 20;
    private static final int STACK_DEPTH = 1;
    private static final long WANTED =
            Protocol.ASYNC_READ
                    | Protocol.ATOMIC_O_TRUNC
                    | Protocol.BIG_WRITES
                    | Protocol.ASYNC_DIO
                    | Protocol.MAX_PAGES
                    | Protocol.HANDLE_KILLPRIV_V2
                    | Protocol.INIT_EXT
                    | Protocol.DIRECT_IO_ALLOW_MMAP;

    /** The most data of one request that the kernel lets a daemon ask for, in bytes. */
    static int mostData() {
        int pages = USUAL_PAGES;
        // Not Files.readString: these files say all in one read, and nothing in a second one.
        try (BufferedReader reader = Files.newBufferedReader(PAGES_LIMIT)) {
            pages = Integer.parseInt(reader.readLine());
        } catch (IOException | NumberFormatException e) {
            // Kernels before 6.13 do not say it, and have this limit.
        }
        return Math.max(1, Math.min(MOST_PAGES, pages)) * PAGE;
    }

    /**
     * Waits for the kernel's first request, and answers it.
     *
     * @param descriptor of /dev/fuse, which has not been read from
     * @param maxData what {@link #mostData()} said when the mount was made
     * @throws BlockException if the kernel does not ask, or speaks another version
     */
    static Handshake with(int descriptor, int maxData, boolean passthrough) throws BlockException {
        awaitRequest(descriptor);
        try (RequestBuffer request = new RequestBuffer(maxData)) {
            long length = Libc.read(descriptor, request.requestAddress(), request.requestRoom());
            boolean init =
                    length > 0
                            && request.received((int) length)
                            && request.opcode() == Protocol.INIT
                            && request.has(Protocol.INIT_IN);
            if (!init) {
                throw failure("the kernel began with something else than FUSE_INIT");
            }
            Handshake agreed = answer(request, maxData, passthrough);
            long sent = Libc.write(descriptor, request.replyAddress(), request.replyLength());
            if (sent < 0) {
                throw failure("FUSE_INIT cannot be answered: " + NativeError.message((int) sent));
            }
            return agreed;
        }
    }

    /** Puts the reply to an INIT request together. */
    static Handshake answer(RequestBuffer request, int maxData, boolean passthrough)
            throws BlockException {
        int major = request.getInt(0);
        int minor = request.getInt(4);
        if (major != Protocol.MAJOR || minor < Protocol.OLDEST_MINOR) {
            throw failure(
                    "the kernel speaks FUSE "
                            + major
                            + "."
                            + minor
                            + ", and engine=kernel needs 7.23 to 7.x (Linux 3.15 or newer); use"
                            + " engine=libfuse");
        }
        long offered = Integer.toUnsignedLong(request.getInt(12));
        if ((offered & Protocol.INIT_EXT) != 0 && request.has(Protocol.INIT_IN_EXT)) {
            offered |= Integer.toUnsignedLong(request.getInt(16)) << 32;
        }
        long wanted = passthrough ? WANTED | Protocol.PASSTHROUGH : WANTED;
        long flags = offered & wanted;
        boolean many = (flags & Protocol.MAX_PAGES) != 0;
        int data = many ? maxData : Math.min(maxData, 32 * PAGE);
        request.replyBody(Protocol.INIT_OUT);
        request.put(0, Protocol.MAJOR);
        request.put(4, Math.min(minor, Protocol.MINOR));
        request.put(8, MAX_READAHEAD);
        request.put(12, (int) flags);
        // u16 max_background and congestion_threshold, little end first as on both processors
        request.put(16, MAX_BACKGROUND | MAX_BACKGROUND * 3 / 4 << 16);
        request.put(20, data);
        request.put(24, 1);
        request.put(28, many ? data / PAGE : 0);
        request.put(32, (int) (flags >>> 32));
        boolean through = (flags & Protocol.PASSTHROUGH) != 0;
        request.put(36, through ? STACK_DEPTH : 0);
        return new Handshake(Math.min(minor, Protocol.MINOR), data, through);
    }

    private static void awaitRequest(int descriptor) throws BlockException {
        ByteBuffer poll = NativeMemory.allocate(8, 8);
        poll.putInt(0, descriptor).putShort(4, (short) LibcConstants.POLLIN);
        int ready = LibcHost.poll(NativeMemory.address(poll), 1, ANSWER_MILLIS);
        Reference.reachabilityFence(poll);
        if (ready <= 0) {
            throw failure("the kernel did not begin to use the mount within 10 s");
        }
    }

    private static BlockException failure(String text) {
        return new BlockException(Reason.FAILED, text);
    }
}
