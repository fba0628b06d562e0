package io.diskport.vhost.blk.testing;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * One queue as the driver in a guest sees it: requests go in, and come back with a status.
 *
 * <p>Of one thread. {@link #ring} and the events are there for what no driver would do.
 */
public final class Queue implements AutoCloseable {
    /** How much guest memory a queue takes. */
    public static final int LENGTH = 0x100000;

    /** Where the status of a request lies behind its header. */
    static final int STATUS = 48;

    static final byte NO_STATUS = (byte) 0xee;

    private static final int SLOTS = SplitRing.LENGTH;
    private static final int SLOT = 64;
    private static final int TABLES = 0x20000;
    private static final int WAIT_MILLIS = 20_000;

    public final int index;
    public final int size;
    public final long guest;
    public final SplitRing ring;
    public final Event kick = new Event();
    public final Event call = new Event();
    public final Event error = new Event();

    /** How features were negotiated. */
    public boolean indirect;

    public boolean eventIdx;

    /** Heads with the requests that were not seen as used yet. */
    private final Ticket[] pending;

    private final ByteBuffer memory;
    private final Deque<Integer> free = new ArrayDeque<>();
    private int nextAvail;
    private int published;
    private int seen;

    /** A piece of guest memory that a request reads or writes. */
    public record Segment(long guest, int length) {}

    /** A request that was made. */
    public static final class Ticket {
        public final int head;

        /** Bytes that the back-end says it wrote. */
        public int written;

        private final List<Integer> descriptors = new ArrayList<>();
        private boolean done;
        private int status;

        private Ticket(int head) {
            this.head = head;
        }

        public boolean isDone() {
            return done;
        }

        /** Only once it is done. */
        public int status() {
            if (!done) {
                throw new IllegalStateException("request " + head + " is under way");
            }
            return status;
        }
    }

    Queue(GuestMemory all, int index, int size, long guest) {
        this.index = index;
        this.size = size;
        this.guest = guest;
        this.memory = all.at(guest, LENGTH);
        this.ring = new SplitRing(size, memory);
        this.pending = new Ticket[size];
        for (int i = 0; i < size; i++) {
            free.add(i);
        }
    }

    /** Guest address of the header of the request that begins at a descriptor. */
    public long header(int head) {
        return guest + SLOTS + (long) head * SLOT;
    }

    public long statusAt(int head) {
        return header(head) + STATUS;
    }

    /** Guest address of an indirect table for a head. */
    public long table(int head) {
        return guest + TABLES + (long) head * tableEntries() * 16;
    }

    public int tableEntries() {
        return (LENGTH - TABLES) / 16 / size;
    }

    /** Writes a request's header, and marks its status as not there. */
    public void prepareHeader(int head, int type, long sector) {
        int at = SLOTS + head * SLOT;
        memory.putInt(at, type);
        memory.putInt(at + 4, 0);
        memory.putLong(at + 8, sector);
        memory.put(at + STATUS, NO_STATUS);
    }

    public int status(int head) {
        return memory.get(SLOTS + head * SLOT + STATUS) & 0xff;
    }

    /** Puts a request into the ring, and does not tell of it until {@link #publish}. */
    public Ticket prepare(int type, long sector, Segment... segments) {
        boolean in = type == Vhost.IN || type == Vhost.GET_ID;
        int needed = indirect ? 1 : segments.length + 2;
        if (free.size() < needed) {
            throw new IllegalStateException("no free descriptors");
        }
        Ticket ticket = new Ticket(free.remove());
        ticket.descriptors.add(ticket.head);
        for (int i = 1; i < needed; i++) {
            ticket.descriptors.add(free.remove());
        }
        int head = ticket.head;
        prepareHeader(head, type, sector);
        int last = segments.length + 1;
        for (int i = 0; i <= last; i++) {
            long address =
                    i == 0 ? header(head) : i == last ? statusAt(head) : segments[i - 1].guest;
            int length = i == 0 ? 16 : i == last ? 1 : segments[i - 1].length;
            boolean write = i == last || i > 0 && in;
            int flags = (write ? Vhost.WRITE : 0) | (i == last ? 0 : Vhost.NEXT);
            if (indirect) {
                int at = (int) (table(head) - guest) + 16 * i;
                SplitRing.write(memory, at, address, length, flags, i == last ? 0 : i + 1);
            } else {
                int next = i == last ? 0 : ticket.descriptors.get(i + 1);
                ring.descriptor(ticket.descriptors.get(i), address, length, flags, next);
            }
        }
        if (indirect) {
            ring.descriptor(head, table(head), 16L * (last + 1), Vhost.INDIRECT, 0);
        }
        pending[head] = ticket;
        ring.avail(nextAvail, head);
        nextAvail = nextAvail + 1 & 0xffff;
        return ticket;
    }

    /** Tells the back-end of what was prepared. */
    public void publish() {
        ring.availIndex(nextAvail);
        if (ring.wantsKick(eventIdx, published, nextAvail)) {
            kick.signal();
        }
        published = nextAvail;
    }

    public Ticket submit(int type, long sector, Segment... segments) {
        Ticket ticket = prepare(type, sector, segments);
        publish();
        return ticket;
    }

    /** Does a request. @return its status */
    public int run(int type, long sector, Segment... segments) {
        return await(submit(type, sector, segments));
    }

    /** Waits for a request. @return its status */
    public int await(Ticket ticket) {
        if (!await(ticket, WAIT_MILLIS)) {
            throw new AssertionError(
                    "request %d of queue %d is not done in %d ms: avail %d, used %d, seen %d"
                            .formatted(
                                    ticket.head,
                                    index,
                                    WAIT_MILLIS,
                                    nextAvail,
                                    ring.usedIndex(),
                                    seen));
        }
        return ticket.status();
    }

    /** Waits for a request for some time. @return whether it is done */
    public boolean await(Ticket ticket, int millis) {
        long deadline = System.nanoTime() + millis * 1_000_000L;
        collect();
        while (!ticket.done) {
            ring.usedEvent(seen);
            if (ring.usedIndex() == seen && !call.await(Math.min(100, millis))) {
                // whoever was not called may not have been wanted to be: look once more
                collect();
                if (System.nanoTime() > deadline) {
                    return ticket.done;
                }
            }
            collect();
        }
        return true;
    }

    /** Takes what came back. @return how many requests */
    public int collect() {
        int now = ring.usedIndex();
        int count = now - seen & 0xffff;
        if (count > size) {
            throw new AssertionError("used index " + now + " after " + seen);
        }
        for (int i = 0; i < count; i++) {
            int head = ring.usedHead(seen);
            Ticket ticket = head >= 0 && head < size ? pending[head] : null;
            if (ticket == null) {
                throw new AssertionError("used: " + head + ", which was not asked for");
            }
            pending[head] = null;
            ticket.written = ring.usedLength(seen);
            ticket.status = status(head);
            ticket.done = true;
            free.addAll(ticket.descriptors);
            seen = seen + 1 & 0xffff;
        }
        return count;
    }

    /** How many requests are under way. */
    public int underWay() {
        int count = 0;
        for (Ticket ticket : pending) {
            count += ticket == null ? 0 : 1;
        }
        return count;
    }

    /** Makes heads available as they are, and kicks. */
    public void offer(int... heads) {
        for (int head : heads) {
            ring.avail(nextAvail, head);
            nextAvail = nextAvail + 1 & 0xffff;
        }
        ring.availIndex(nextAvail);
        published = nextAvail;
        kick.signal();
    }

    /** The index from which on a back-end that knows nothing else goes on. */
    public int base() {
        return ring.usedIndex();
    }

    /** A new driver: the ring is empty, and nothing is under way. */
    public void reset() {
        ring.clear();
        free.clear();
        for (int i = 0; i < size; i++) {
            free.add(i);
            pending[i] = null;
        }
        nextAvail = 0;
        published = 0;
        seen = 0;
    }

    /** Begins at an index, on an empty ring. */
    public void startAt(int first) {
        reset();
        nextAvail = first;
        published = first;
        seen = first;
        ring.availIndex(first);
        memory.putShort(SplitRing.USED + 2, (short) first);
    }

    @Override
    public void close() {
        kick.close();
        call.close();
        error.close();
    }
}
