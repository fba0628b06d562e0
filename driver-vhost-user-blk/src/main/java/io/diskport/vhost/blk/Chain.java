package io.diskport.vhost.blk;

import java.nio.ByteBuffer;

/**
 * Reads chains of descriptors (virtio 1.2, section 2.7.5) into requests, and believes nothing: the
 * guest may write into its memory while this looks. Of one queue's thread.
 */
final class Chain {
    /** Descriptors of a request, those of its indirect table included. */
    private static final int MOST_PIECES = VirtioBlk.MAX_QUEUE_SIZE + 2;

    private final int queue;
    private final Ring ring;
    private final boolean indirectAllowed;
    private GuestMemory memory;

    // the pieces of guest memory that the chain names, those to be read first
    private final Window[] windows = new Window[MOST_PIECES];
    private final int[] at = new int[MOST_PIECES];
    private final int[] lengths = new int[MOST_PIECES];
    private int pieces;
    private int readable;
    private int first;

    Chain(int queue, Ring ring, GuestMemory memory, boolean indirectAllowed) {
        this.queue = queue;
        this.ring = ring;
        this.memory = memory;
        this.indirectAllowed = indirectAllowed;
    }

    /** Reads from this memory from now on. */
    void use(GuestMemory newMemory) {
        memory = newMemory;
    }

    /** Fills in the request that the chain from a descriptor on describes. */
    void read(int head, Request request) throws Misbehaviour {
        pieces = 0;
        readable = 0;
        first = 0;
        if (head >= ring.size) {
            throw new Misbehaviour(
                    "queue %d: head %d of a ring of %d".formatted(queue, head, ring.size));
        }
        walk(head);
        request.head = head;
        takeHeader(request);
        takeStatus(request);
        boolean in = request.type == VirtioBlk.T_IN || request.type == VirtioBlk.T_GET_ID;
        int end = in ? pieces : readable;
        for (int i = in ? readable : first; i < end; i++) {
            if (lengths[i] > 0) {
                request.add(queue, windows[i], at[i], lengths[i]);
            }
        }
    }

    private void walk(int head) throws Misbehaviour {
        ByteBuffer table = ring.descriptors;
        int tableAt = 0;
        int tableSize = ring.size;
        boolean indirect = false;
        int steps = 0;
        int index = head;
        while (true) {
            if (index >= tableSize || ++steps > tableSize) {
                throw new Misbehaviour(
                        index >= tableSize
                                ? "queue %d: descriptor %d of a table of %d"
                                        .formatted(queue, index, tableSize)
                                : "queue %d: a chain of descriptors without an end"
                                        .formatted(queue));
            }
            int entry = tableAt + index * VirtioBlk.DESC_SIZE;
            long address = table.getLong(entry);
            long length = table.getInt(entry + 8) & 0xffffffffL;
            int flags = table.getShort(entry + 12);
            int next = table.getShort(entry + 14) & 0xffff;
            if ((flags & VirtioBlk.DESC_F_INDIRECT) != 0) {
                checkTable(indirect, flags, length);
                int region = memory.region(address, length);
                long offset = memory.offset(region, address);
                table = memory.region(region).window(offset).memory;
                tableAt = MemoryRegion.within(offset);
                tableSize = (int) length / VirtioBlk.DESC_SIZE;
                indirect = true;
                steps = 0;
                index = 0;
                continue;
            }
            add(address, length, (flags & VirtioBlk.DESC_F_WRITE) != 0);
            if ((flags & VirtioBlk.DESC_F_NEXT) == 0) {
                return;
            }
            index = next;
        }
    }

    private void checkTable(boolean indirect, int flags, long length) throws Misbehaviour {
        if (!indirectAllowed || indirect || (flags & VirtioBlk.DESC_F_NEXT) != 0) {
            throw new Misbehaviour(
                    "queue %d: an indirect table %s"
                            .formatted(
                                    queue,
                                    !indirectAllowed
                                            ? "that was not agreed on"
                                            : indirect ? "in another" : "with a next descriptor"));
        }
        if (length == 0
                || length % VirtioBlk.DESC_SIZE != 0
                || length > VirtioBlk.MAX_QUEUE_SIZE * VirtioBlk.DESC_SIZE) {
            throw new Misbehaviour(
                    "queue %d: an indirect table of %d bytes".formatted(queue, length));
        }
    }

    private void add(long address, long length, boolean writable) throws Misbehaviour {
        if (!writable && pieces > readable) {
            throw new Misbehaviour(
                    "queue %d: a descriptor to be read follows one to be written".formatted(queue));
        }
        if (length > 0) {
            if (pieces == MOST_PIECES) {
                throw new Misbehaviour(
                        "queue %d: a chain of more than %d descriptors"
                                .formatted(queue, MOST_PIECES));
            }
            int region = memory.region(address, length);
            long offset = memory.offset(region, address);
            windows[pieces] = memory.region(region).window(offset);
            at[pieces] = MemoryRegion.within(offset);
            lengths[pieces] = (int) length;
            pieces++;
        }
        if (!writable) {
            readable = pieces;
        }
    }

    /** Copies the header (section 5.2.6), which may be in any number of pieces. */
    private void takeHeader(Request request) throws Misbehaviour {
        if (readable > 0 && lengths[0] >= VirtioBlk.REQUEST_HEADER) {
            ByteBuffer bytes = windows[0].memory;
            request.type = bytes.getInt(at[0]);
            request.sector = bytes.getLong(at[0] + 8);
            at[0] += VirtioBlk.REQUEST_HEADER;
            lengths[0] -= VirtioBlk.REQUEST_HEADER;
            return;
        }
        long low = 0;
        long high = 0;
        for (int i = 0; i < VirtioBlk.REQUEST_HEADER; i++) {
            while (first < readable && lengths[first] == 0) {
                first++;
            }
            if (first == readable) {
                throw new Misbehaviour(
                        "queue %d: a request without a header of 16 bytes".formatted(queue));
            }
            long value = windows[first].memory.get(at[first]) & 0xffL;
            at[first]++;
            lengths[first]--;
            if (i < Long.BYTES) {
                low |= value << 8 * i;
            } else {
                high |= value << 8 * (i - Long.BYTES);
            }
        }
        request.type = (int) low;
        request.sector = high;
    }

    /** The status is the last byte that may be written. */
    private void takeStatus(Request request) throws Misbehaviour {
        int last = pieces - 1;
        if (last < readable) {
            throw new Misbehaviour("queue %d: a request without a status".formatted(queue));
        }
        lengths[last]--;
        request.statusWindow = windows[last];
        request.statusAt = at[last] + lengths[last];
    }
}
