package io.diskport.vhost.blk;

import io.diskport.natives.Libc;
import io.diskport.natives.LibcConstants;
import io.diskport.natives.LibcHost;
import io.diskport.natives.NativeDescriptor;
import io.diskport.natives.NativeMemory;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/** The eventfds of a queue, which the front-end shares; some may not be there. */
final class QueueDescriptors implements AutoCloseable {
    static final String KICK = "kick";
    static final String CALL = "call";
    static final String ERROR = "error";

    private final Map<String, NativeDescriptor> all = new HashMap<>();
    private final ByteBuffer count = NativeMemory.allocate(Long.BYTES, Long.BYTES);

    /** Closes the one before; null is none. */
    void set(String name, NativeDescriptor descriptor) {
        NativeDescriptor before = descriptor == null ? all.remove(name) : all.put(name, descriptor);
        if (before != null) {
            before.close();
        }
    }

    int number(String name) {
        NativeDescriptor descriptor = all.get(name);
        return descriptor == null ? Poll.NONE : descriptor.fd();
    }

    /**
     * Frees a thread that hangs: the front-end chose whether they block, and may have taken a kick
     * away from under us, or let calls pile up to the last.
     */
    void nudge() {
        int kick = number(KICK);
        if (kick >= 0 && LibcHost.poll(pollFor(kick, LibcConstants.POLLOUT), 1, 0) > 0) {
            Event.signal(kick);
        }
        int call = number(CALL);
        if (call >= 0 && LibcHost.poll(pollFor(call, LibcConstants.POLLOUT), 1, 0) == 0) {
            Libc.read(call, NativeMemory.address(count), Long.BYTES);
        }
    }

    private long pollFor(int descriptor, int events) {
        count.putInt(0, descriptor).putShort(4, (short) events).putShort(6, (short) 0);
        return NativeMemory.address(count);
    }

    /** Gives all of them away. */
    Map<String, NativeDescriptor> release() {
        Map<String, NativeDescriptor> released = Map.copyOf(all);
        all.clear();
        return released;
    }

    void take(Map<String, NativeDescriptor> others) {
        all.putAll(others);
    }

    @Override
    public void close() {
        all.values().forEach(NativeDescriptor::close);
        all.clear();
    }
}
