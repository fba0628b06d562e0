package io.diskport.vhost.blk;

import io.diskport.natives.NativeDescriptor;

/** A mapped region of guest memory ("Memory region description"). */
final class MemoryRegion implements AutoCloseable {
    /** As the front-end described it. */
    record Place(long guest, long size, long user, long offset) {
        void check() throws Misbehaviour {
            if (size <= 0 || wraps(guest) || wraps(user)) {
                throw new Misbehaviour(
                        "a memory region of %d bytes at guest address 0x%x, user address 0x%x"
                                        .formatted(size, guest, user)
                                + " cannot be");
            }
        }

        private boolean wraps(long begin) {
            return begin < 0 || begin > Long.MAX_VALUE - size;
        }

        boolean overlaps(Place other) {
            return overlap(guest, other.guest, other.size) || overlap(user, other.user, other.size);
        }

        private boolean overlap(long begin, long otherBegin, long otherSize) {
            return begin < otherBegin + otherSize && otherBegin < begin + size;
        }

        boolean is(Place other) {
            return guest == other.guest && size == other.size && user == other.user;
        }
    }

    final Place place;
    private final MappedFile file;
    private final Window[] windows;

    private MemoryRegion(Place place, MappedFile file, Window... windows) {
        this.place = place;
        this.file = file;
        this.windows = windows;
    }

    /**
     * Maps a region.
     *
     * @param descriptor closed with the region; the caller's where this fails
     * @param queues how many may use it
     */
    static MemoryRegion map(Place place, NativeDescriptor descriptor, int queues)
            throws Misbehaviour {
        place.check();
        MappedFile file =
                MappedFile.map(descriptor, place.offset, place.size, "a region of its memory");
        long begin = file.address() + place.offset;
        Window[] windows =
                new Window[Math.toIntExact((place.size + Window.STRIDE - 1) / Window.STRIDE)];
        for (int i = 0; i < windows.length; i++) {
            long at = i * Window.STRIDE;
            windows[i] = new Window(begin + at, place.size - at, queues);
        }
        return new MemoryRegion(place, file, windows);
    }

    /** The window that holds a range of at most 1 GiB, which begins at an offset of the region. */
    Window window(long offset) {
        return windows[(int) (offset / Window.STRIDE)];
    }

    /** Where an offset of the region is within its window. */
    static int within(long offset) {
        return (int) (offset % Window.STRIDE);
    }

    /** The address at which an offset of the region is mapped. */
    long address(long offset) {
        return file.address() + place.offset + offset;
    }

    /** See {@link MappedFile#isCut}. */
    boolean isCut() {
        return file.isCut();
    }

    /** Ends the mapping, and leaves the descriptor to the caller. */
    NativeDescriptor release() {
        return file.release();
    }

    @Override
    public void close() {
        file.close();
    }
}
