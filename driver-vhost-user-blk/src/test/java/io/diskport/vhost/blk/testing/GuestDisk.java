package io.diskport.vhost.blk.testing;

import io.diskport.testkit.ExportClient;
import io.diskport.vhost.blk.testing.Queue.Segment;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A user of a disk in a guest: any offset and length, as a file in it would have. Several of one
 * disk share the front-end, and have a queue each.
 */
public final class GuestDisk implements ExportClient {
    private static final int MOST = 1 << 20;
    private static final int WCE = 32;
    private static final Map<Path, Guest> GUESTS = new ConcurrentHashMap<>();

    private final Path socket;
    private final Guest guest;
    private final Queue queue;
    private final long place;

    /** A guest, as long as somebody in it uses its disk. */
    private static final class Guest {
        private final FrontEnd frontEnd;
        private final boolean[] taken;

        Guest(Path socket, int queues) throws IOException {
            frontEnd =
                    FrontEnd.start(
                            socket,
                            setup -> {
                                setup.queues = queues;
                                setup.data = (long) queues * MOST;
                            });
            taken = new boolean[queues];
        }

        synchronized Queue take() {
            for (int i = 0; i < taken.length; i++) {
                if (!taken[i]) {
                    taken[i] = true;
                    return frontEnd.queues.get(i);
                }
            }
            throw new IllegalStateException("no queue is left");
        }

        /** Whether nobody uses it any more. */
        synchronized boolean giveBack(Queue queue) {
            taken[queue.index] = false;
            for (boolean one : taken) {
                if (one) {
                    return false;
                }
            }
            frontEnd.close();
            return true;
        }

        synchronized boolean isLost() {
            return frontEnd.messages.hasInput(0);
        }

        synchronized void cache(int on) throws IOException {
            frontEnd.tell(Vhost.SET_CONFIG, FrontEnd.configWrite(WCE, (byte) on));
        }
    }

    private GuestDisk(Path socket, Guest guest) {
        this.socket = socket;
        this.guest = guest;
        this.queue = guest.take();
        this.place = FrontEnd.DATA + (long) queue.index * MOST;
    }

    /** Opens a disk; whoever is the first brings the guest. */
    public static GuestDisk open(Path socket, int queues) throws IOException {
        synchronized (GUESTS) {
            Guest there = GUESTS.get(socket);
            if (there != null && there.isLost()) {
                there = null;
            }
            if (there == null) {
                there = new Guest(socket, queues);
                GUESTS.put(socket, there);
            }
            return new GuestDisk(socket, there);
        }
    }

    private void run(int type, long sector, Segment... segments) throws IOException {
        Queue.Ticket ticket = queue.submit(type, sector, segments);
        while (!queue.await(ticket, 50)) {
            if (guest.isLost()) {
                throw new IOException("the back-end has gone");
            }
        }
        if (ticket.status() != Vhost.OK) {
            throw new IOException("status " + ticket.status());
        }
    }

    /** Reads the sectors around a range. */
    private void readAround(long offset, int length) throws IOException {
        run(Vhost.IN, offset / Vhost.SECTOR, new Segment(place, around(offset, length)));
    }

    private static int around(long offset, int length) {
        int skip = (int) (offset % Vhost.SECTOR);
        return (skip + length + Vhost.SECTOR - 1) / Vhost.SECTOR * Vhost.SECTOR;
    }

    @Override
    public byte[] read(long offset, int length) throws IOException {
        readAround(offset, length);
        return guest.frontEnd.memory.get(place + offset % Vhost.SECTOR, length);
    }

    @Override
    public void write(long offset, byte[] bytes) throws IOException {
        if (bytes.length == 0) {
            return;
        }
        int length = around(offset, bytes.length);
        if (length != bytes.length) {
            readAround(offset, bytes.length);
        }
        guest.frontEnd.memory.put(place + offset % Vhost.SECTOR, bytes);
        run(Vhost.OUT, offset / Vhost.SECTOR, new Segment(place, length));
    }

    @Override
    public void writeThrough(long offset, byte[] bytes) throws IOException {
        guest.cache(0);
        write(offset, bytes);
        guest.cache(1);
    }

    @Override
    public void flush() throws IOException {
        run(Vhost.FLUSH, 0);
    }

    @Override
    public void discard(long offset, long length) throws IOException {
        range(Vhost.DISCARD, offset / Vhost.SECTOR, length / Vhost.SECTOR);
    }

    /** Whole sectors as zeroes, and what is around them written. */
    @Override
    public void writeZeroes(long offset, long length) throws IOException {
        long first = (offset + Vhost.SECTOR - 1) / Vhost.SECTOR;
        long end = (offset + length) / Vhost.SECTOR;
        write(offset, new byte[(int) (first * Vhost.SECTOR - offset)]);
        range(Vhost.WRITE_ZEROES, first, end - first);
        write(end * Vhost.SECTOR, new byte[(int) (offset + length - end * Vhost.SECTOR)]);
    }

    private void range(int type, long sector, long count) throws IOException {
        byte[] range = Bytes.of().u64(sector).u32(count).u32(0).array();
        guest.frontEnd.memory.put(place, range);
        run(type, 0, new Segment(place, range.length));
    }

    @Override
    public long length() {
        return guest.frontEnd.capacity();
    }

    @Override
    public void close() {
        synchronized (GUESTS) {
            if (guest.giveBack(queue)) {
                GUESTS.remove(socket, guest);
            }
        }
    }
}
