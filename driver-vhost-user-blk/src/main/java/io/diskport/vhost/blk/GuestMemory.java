package io.diskport.vhost.blk;

import java.util.ArrayList;
import java.util.List;

/**
 * The guest's memory as far as the front-end shares it. A change makes another table; regions that
 * stay are the same objects in both.
 */
final class GuestMemory {
    static final GuestMemory NONE = new GuestMemory(List.of());

    private final MemoryRegion[] regions;
    private final long[] begins;
    private final long[] sizes;

    private GuestMemory(List<MemoryRegion> regions) {
        this.regions = regions.toArray(MemoryRegion[]::new);
        this.begins = regions.stream().mapToLong(region -> region.place.guest()).toArray();
        this.sizes = regions.stream().mapToLong(region -> region.place.size()).toArray();
    }

    /** A table with one region more. */
    GuestMemory with(MemoryRegion region) throws Misbehaviour {
        checkRoomFor(region.place);
        List<MemoryRegion> all = new ArrayList<>(regions());
        all.add(region);
        return new GuestMemory(all);
    }

    /** Whether a region could be added. */
    void checkRoomFor(MemoryRegion.Place place) throws Misbehaviour {
        if (regions.length >= VhostUser.MAX_REGIONS) {
            throw new Misbehaviour(
                    "its memory has more than " + VhostUser.MAX_REGIONS + " regions");
        }
        for (MemoryRegion other : regions) {
            if (other.place.overlaps(place)) {
                throw new Misbehaviour(
                        "the memory regions at guest addresses 0x%x and 0x%x overlap"
                                .formatted(other.place.guest(), place.guest()));
            }
        }
    }

    /** A table without a region of this one. */
    GuestMemory without(MemoryRegion region) {
        List<MemoryRegion> all = new ArrayList<>(regions());
        all.remove(region);
        return new GuestMemory(all);
    }

    /** The region that was described in this way. */
    MemoryRegion find(MemoryRegion.Place place) throws Misbehaviour {
        for (MemoryRegion region : regions) {
            if (region.place.is(place)) {
                return region;
            }
        }
        throw new Misbehaviour(
                "the memory region at guest address 0x%x that goes was never there"
                        .formatted(place.guest()));
    }

    List<MemoryRegion> regions() {
        return List.of(regions);
    }

    /** The number of the region that holds a range of guest addresses. */
    int region(long guest, long length) throws Misbehaviour {
        for (int i = 0; i < begins.length; i++) {
            long offset = guest - begins[i];
            if (offset >= 0 && offset < sizes[i] && guest >= begins[i]) {
                if (length > sizes[i] - offset || length > Window.STRIDE) {
                    break;
                }
                return i;
            }
        }
        throw new Misbehaviour(
                "%d bytes at guest address 0x%x are not in one region of its memory"
                        .formatted(length, guest));
    }

    MemoryRegion region(int number) {
        return regions[number];
    }

    long offset(int region, long guest) {
        return guest - begins[region];
    }

    /**
     * Where a ring of the front-end's is mapped.
     *
     * @param user a user address, of the front-end's own
     * @return 0 if it is not in one region
     */
    long address(long user, long length) {
        for (MemoryRegion region : regions) {
            long offset = user - region.place.user();
            if (user >= region.place.user()
                    && offset < region.place.size()
                    && length <= region.place.size() - offset) {
                return region.address(offset);
            }
        }
        return 0;
    }

    /** Whether all of a ring is in it, which was checked once. */
    boolean holds(Ring.Addresses ring, int size) {
        return Ring.isWithin(this, size, ring);
    }

    /** Whether some of it is missing: whoever has touched it may have had a fault. Any thread. */
    boolean isCut() {
        for (MemoryRegion region : regions) {
            if (region.isCut()) {
                return true;
            }
        }
        return false;
    }

    void close() {
        regions().forEach(MemoryRegion::close);
    }
}
