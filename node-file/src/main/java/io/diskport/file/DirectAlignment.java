package io.diskport.file;

import io.diskport.api.BlockException;
import io.diskport.natives.Libc;
import io.diskport.natives.LibcConstants;
import io.diskport.natives.NativeError;
import io.diskport.natives.NativeMemory;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Finds out what O_DIRECT asks for on an open file, by reading from it.
 *
 * <p>A read proves something only where there is data: at the end of the file and in holes, file
 * systems answer without looking at the alignment. What cannot be found out is taken for the usual
 * 4096.
 */
final class DirectAlignment {
    private static final int SMALLEST = 512;
    private static final int USUAL = 4096;
    private static final int LARGEST = Alignment.LARGEST;

    private final int fd;
    private final ByteBuffer memory = NativeMemory.allocate(3 * LARGEST, 2 * LARGEST);
    private final long start;
    private final long end;

    private DirectAlignment(int fd, long start) {
        this.fd = fd;
        this.start = start;
        this.end = Libc.lseek(fd, 0, LibcConstants.SEEK_END);
    }

    /** The smallest alignments that reads succeed with. */
    static Alignment find(int fd, boolean device, Path path) throws BlockException {
        int smallest = device ? LogicalBlocks.size(fd) : SMALLEST;
        long data = device ? 0 : Libc.lseek(fd, 0, LibcConstants.SEEK_DATA);
        if (data == -NativeError.ENXIO && smallest <= USUAL) {
            return new Alignment(USUAL, USUAL);
        }
        DirectAlignment probe = new DirectAlignment(fd, Math.max(data, 0));
        int request = probe.request(smallest, path);
        return new Alignment(request, probe.memory(request));
    }

    /** For offsets and lengths, with memory that leaves nothing to be desired. */
    private int request(int smallest, Path path) throws BlockException {
        for (int candidate = smallest; candidate <= LARGEST; candidate *= 2) {
            long offset = offset(candidate);
            if (offset + candidate > end) {
                return Math.max(USUAL, candidate);
            }
            long result = read(0, candidate, offset);
            if (result != -NativeError.EINVAL) {
                return result < 0 ? Math.max(USUAL, candidate) : candidate;
            }
        }
        throw OpenFailure.largeBlocks(
                path,
                smallest > LARGEST
                        ? "its blocks are of " + smallest + " bytes"
                        : "no alignment that was tried lets it be read");
    }

    /** For memory, with requests that are aligned. */
    private int memory(int request) {
        long offset = offset(request);
        if (offset + request > end) {
            return Math.max(USUAL, request);
        }
        for (int candidate = SMALLEST; candidate < LARGEST; candidate *= 2) {
            long result = read(candidate, request, offset);
            if (result != -NativeError.EINVAL) {
                return result < 0 ? Math.max(USUAL, candidate) : candidate;
            }
        }
        return LARGEST;
    }

    /** Inside the first page of data, at a place aligned no better than the candidate. */
    private long offset(int candidate) {
        return candidate < USUAL ? (start & -(long) USUAL) + candidate : start & -(long) candidate;
    }

    /** Into memory that is aligned no better than a distance, but to everything at distance 0. */
    private long read(int distance, int length, long offset) {
        long address = NativeMemory.address(memory) + distance;
        long result = Libc.pread(fd, address, length, offset);
        Reference.reachabilityFence(memory);
        return result;
    }
}
