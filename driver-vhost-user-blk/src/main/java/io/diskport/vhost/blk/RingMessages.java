package io.diskport.vhost.blk;

import io.diskport.natives.NativeDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** Messages that concern memory and rings. Of the thread of messages. */
final class RingMessages {
    private static final int TABLE_HEADER = 8;
    private static final String EVENTFD = "anon_inode:[eventfd]";

    private final FrontEnd frontEnd;
    private final Session session;
    private final Rings rings;

    RingMessages(FrontEnd frontEnd, Session session, Rings rings) {
        this.frontEnd = frontEnd;
        this.session = session;
        this.rings = rings;
    }

    /** Does what a message says; false if it is not one of these. */
    boolean handle(Message message) throws Misbehaviour {
        switch (message.request()) {
            case VhostUser.SET_MEM_TABLE -> setTable(message);
            case VhostUser.ADD_MEM_REG -> addRegion(message);
            case VhostUser.REM_MEM_REG -> removeRegion(message);
            case VhostUser.SET_INFLIGHT_FD -> setInflight(message);
            case VhostUser.SET_VRING_NUM -> setSize(message);
            case VhostUser.SET_VRING_ADDR -> setAddresses(message);
            case VhostUser.SET_VRING_BASE -> setBase(message);
            case VhostUser.SET_VRING_ENABLE -> enable(message);
            case VhostUser.SET_VRING_KICK -> setKick(message);
            case VhostUser.SET_VRING_CALL -> setCall(message);
            case VhostUser.SET_VRING_ERR -> setError(message);
            default -> {
                return false;
            }
        }
        return true;
    }

    // Memory

    private void setTable(Message message) throws Misbehaviour {
        ByteBuffer payload = message.payload();
        int count = payload.limit() < TABLE_HEADER ? -1 : payload.getInt(0);
        if (count < 0 || count > VhostUser.MAX_TABLE_REGIONS) {
            throw new Misbehaviour(
                    "a memory table of %d bytes with %d regions".formatted(payload.limit(), count));
        }
        message.payload(TABLE_HEADER + count * VhostUser.REGION_SIZE);
        if (message.descriptors() != count) {
            throw new Misbehaviour(
                    "%d descriptors for %d regions of memory"
                            .formatted(message.descriptors(), count));
        }
        rings.halt();
        frontEnd.awaitIdle();
        GuestMemory table = GuestMemory.NONE;
        try {
            for (int i = 0; i < count; i++) {
                MemoryRegion.Place place = place(payload, TABLE_HEADER + i * VhostUser.REGION_SIZE);
                table = rings.with(table, place, message.takeDescriptor());
            }
        } catch (Misbehaviour e) {
            table.close();
            throw e;
        }
        rings.replaceMemory(table);
        rings.resume();
    }

    private void addRegion(Message message) throws Misbehaviour {
        ByteBuffer payload = message.payload(TABLE_HEADER + VhostUser.REGION_SIZE);
        if (message.descriptors() != 1) {
            throw new Misbehaviour(message.descriptors() + " descriptors for one region of memory");
        }
        rings.halt();
        rings.addRegion(place(payload, TABLE_HEADER), message.takeDescriptor());
        rings.resume();
    }

    private void removeRegion(Message message) throws Misbehaviour {
        ByteBuffer payload = message.payload(TABLE_HEADER + VhostUser.REGION_SIZE);
        rings.halt();
        frontEnd.awaitIdle();
        rings.removeRegion(place(payload, TABLE_HEADER));
        rings.resume();
    }

    private static MemoryRegion.Place place(ByteBuffer payload, int at) {
        return new MemoryRegion.Place(
                payload.getLong(at),
                payload.getLong(at + 8),
                payload.getLong(at + 16),
                payload.getLong(at + 24));
    }

    private void setInflight(Message message) throws Misbehaviour {
        ByteBuffer payload = message.payload(VhostUser.INFLIGHT_SIZE);
        Inflight.Layout layout =
                new Inflight.Layout(
                        payload.getLong(0),
                        payload.getLong(8),
                        payload.getShort(16) & 0xffff,
                        payload.getShort(18) & 0xffff);
        NativeDescriptor descriptor = message.takeDescriptor();
        Inflight inflight;
        try {
            inflight = Inflight.map(layout, descriptor);
        } catch (Misbehaviour e) {
            descriptor.close();
            throw e;
        }
        try {
            rings.halt();
            frontEnd.awaitIdle();
        } catch (Misbehaviour e) {
            inflight.close();
            throw e;
        }
        rings.setInflight(inflight);
        rings.resume();
    }

    // Rings: struct vring_state is {u32 index, u32 number}

    private Queue queue(ByteBuffer payload) throws Misbehaviour {
        return rings.queue(Integer.toUnsignedLong(payload.getInt(0)));
    }

    private void setSize(Message message) throws Misbehaviour {
        ByteBuffer payload = message.payload(Long.BYTES);
        Queue queue = queue(payload);
        int size = payload.getInt(4);
        int most = session.device.queueSize();
        if (size < 1 || size > most || Integer.bitCount(size) != 1) {
            throw new Misbehaviour(
                    "queue %d with %s entries: a power of two, at most %d by the option queue-size"
                            .formatted(queue.index, Integer.toUnsignedString(size), most));
        }
        change(queue, () -> queue.setSize(size));
    }

    private void setAddresses(Message message) throws Misbehaviour {
        ByteBuffer payload = message.payload(VhostUser.VRING_ADDRESS_SIZE);
        Queue queue = queue(payload);
        Ring.Addresses addresses =
                new Ring.Addresses(payload.getLong(8), payload.getLong(16), payload.getLong(24));
        change(queue, () -> queue.setAddresses(rings.memory(), addresses));
    }

    private void setBase(Message message) throws Misbehaviour {
        ByteBuffer payload = message.payload(Long.BYTES);
        Queue queue = queue(payload);
        int base = payload.getInt(4);
        if (base < 0 || base > 0xffff) {
            throw new Misbehaviour(
                    "queue %d begins at index %s: it is at most 65535"
                            .formatted(queue.index, Integer.toUnsignedString(base)));
        }
        change(queue, () -> queue.setBase(base));
    }

    /** Ends a ring. @return where it is to go on */
    int stop(long index) throws Misbehaviour {
        Queue queue = rings.queue(index);
        queue.halt();
        frontEnd.awaitIdle(queue);
        return queue.stop();
    }

    private void enable(Message message) throws Misbehaviour {
        ByteBuffer payload = message.payload(Long.BYTES);
        Queue queue = queue(payload);
        int on = payload.getInt(4);
        if (on != 0 && on != 1) {
            throw new Misbehaviour("queue %d enabled by %d".formatted(queue.index, on));
        }
        queue.halt();
        queue.enable(on == 1);
        rings.resume(queue);
    }

    private void setKick(Message message) throws Misbehaviour {
        Queue queue = queueOfEvent(message);
        NativeDescriptor kick = event(message);
        try {
            queue.halt();
        } catch (Misbehaviour e) {
            close(kick);
            throw e;
        }
        queue.setKick(kick);
        rings.resume(queue);
    }

    private void setCall(Message message) throws Misbehaviour {
        queueOfEvent(message).setCall(event(message));
    }

    private void setError(Message message) throws Misbehaviour {
        queueOfEvent(message).setError(event(message));
    }

    private Queue queueOfEvent(Message message) throws Misbehaviour {
        return rings.queue(message.u64() & VhostUser.VRING_INDEX_MASK);
    }

    /** The eventfd that came with a message; null where there is to be none. */
    private static NativeDescriptor event(Message message) throws Misbehaviour {
        if ((message.u64() & VhostUser.VRING_NO_DESCRIPTOR) != 0) {
            return null;
        }
        NativeDescriptor event = message.takeDescriptor();
        if (!isEvent(event.fd())) {
            event.close();
            throw new Misbehaviour(
                    "request %d came with a descriptor that is no eventfd"
                            .formatted(message.request()));
        }
        return event;
    }

    /** A file would always be ready, and a socket could keep us waiting. */
    private static boolean isEvent(int fd) {
        try {
            Path target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd));
            return EVENTFD.equals(target.toString());
        } catch (IOException e) {
            return true; // without /proc nobody can tell
        }
    }

    private static void close(NativeDescriptor descriptor) {
        if (descriptor != null) {
            descriptor.close();
        }
    }

    /** Changes a queue that may be running, once nothing of it is under way. */
    private void change(Queue queue, Change change) throws Misbehaviour {
        queue.halt();
        frontEnd.awaitIdle(queue);
        change.make();
        rings.resume(queue);
    }

    private interface Change {
        void make() throws Misbehaviour;
    }
}
