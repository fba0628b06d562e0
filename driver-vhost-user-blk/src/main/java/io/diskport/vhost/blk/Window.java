package io.diskport.vhost.blk;

import io.diskport.natives.NativeMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A part of a region of guest memory that one buffer can show.
 *
 * <p>Windows of a region begin at each GiB and are up to 2 GiB long, so that a range of up to 1 GiB
 * lies in one of them whole. Each queue keeps the views that its requests have needed, to be used
 * again: they are of the queue's thread, and no request makes a new one for long.
 */
final class Window {
    /** The longest range that is sure to lie in one window. */
    static final long STRIDE = 1L << 30;

    private static final int MOST_LENGTH = Integer.MAX_VALUE;
    private static final int FIRST_VIEWS = 16;

    /** All of it, little-endian; for use at indexes only. */
    final ByteBuffer memory;

    private final Views[] views;

    Window(long address, long length, int queues) {
        memory =
                NativeMemory.view(address, (int) Math.min(length, MOST_LENGTH))
                        .order(ByteOrder.LITTLE_ENDIAN);
        views = new Views[queues];
    }

    /** A buffer over a part, to be given back. Of a queue's thread. */
    ByteBuffer take(int queue, int at, int length) {
        Views own = views[queue];
        ByteBuffer view = own == null || own.count == 0 ? memory.duplicate() : own.take();
        return view.limit(at + length).position(at);
    }

    /** Of a queue's thread. */
    void giveBack(int queue, ByteBuffer view) {
        if (views[queue] == null) {
            views[queue] = new Views();
        }
        views[queue].add(view);
    }

    private static final class Views {
        private ByteBuffer[] free = new ByteBuffer[FIRST_VIEWS];
        private int count;

        ByteBuffer take() {
            return free[--count];
        }

        void add(ByteBuffer view) {
            if (count == free.length) {
                free = Arrays.copyOf(free, 2 * count);
            }
            free[count++] = view;
        }
    }
}
