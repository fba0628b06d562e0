package io.diskport.vhost.blk.testing;

import io.diskport.natives.Libc;
import io.diskport.natives.NativeMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The memory of a guest that is not there: regions of shared memory at guest and user addresses.
 */
public final class GuestMemory implements AutoCloseable {
    /** User addresses are these many bytes from guest addresses, and mapped nowhere. */
    private static final long USER = 0x7f12_0000_0000L;

    private final List<Region> regions = new ArrayList<>();

    /** One region. */
    public static final class Region {
        public final long guest;
        public final long size;
        public final long offset;
        public final int fd;
        private final long address;

        private Region(long guest, long size, long offset, int fd) {
            this.guest = guest;
            this.size = size;
            this.offset = offset;
            this.fd = fd;
            this.address = Sys.mmap(fd, offset + size);
        }

        public long user() {
            return guest + USER;
        }

        /** As SET_MEM_TABLE, ADD_MEM_REG and REM_MEM_REG describe it. */
        public byte[] description() {
            return Bytes.of().u64(guest).u64(size).u64(user()).u64(offset).array();
        }

        /** The payload of ADD_MEM_REG and REM_MEM_REG. */
        public byte[] single() {
            return Bytes.of().u64(0).put(description()).array();
        }

        /** The file beneath is that long from now on. */
        public void truncate(long length) {
            Sys.checked("ftruncate", Libc.ftruncate(fd, length));
        }

        /** The file cannot become shorter any more. */
        public void seal() {
            Sys.checked("F_ADD_SEALS", Sys.fcntl(fd, Sys.F_ADD_SEALS, Sys.F_SEAL_SHRINK));
        }
    }

    /** A new region; the mapping of its file begins at an offset. */
    public Region add(long guest, long size, long offset) {
        Region region = new Region(guest, size, offset, Sys.memfd("guest-memory", offset + size));
        regions.add(region);
        return region;
    }

    public List<Region> regions() {
        return regions;
    }

    /** The payload of SET_MEM_TABLE. */
    public byte[] table() {
        Bytes table = Bytes.of().u32(regions.size()).u32(0);
        regions.forEach(region -> table.put(region.description()));
        return table.array();
    }

    public int[] descriptors() {
        return regions.stream().mapToInt(region -> region.fd).toArray();
    }

    /** Memory of the guest, little-endian. */
    public ByteBuffer at(long guest, int length) {
        Region region = region(guest, length);
        return NativeMemory.view(region.address + region.offset + guest - region.guest, length)
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    public void put(long guest, byte[] bytes) {
        at(guest, bytes.length).put(bytes);
    }

    public byte[] get(long guest, int length) {
        byte[] bytes = new byte[length];
        at(guest, length).get(bytes);
        return bytes;
    }

    public long user(long guest) {
        return region(guest, 1).user() + guest - region(guest, 1).guest;
    }

    private Region region(long guest, long length) {
        return regions.stream()
                .filter(one -> guest >= one.guest && guest + length <= one.guest + one.size)
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        Long.toHexString(guest) + " is no guest memory"));
    }

    @Override
    public void close() {
        for (Region region : regions) {
            Sys.munmap(region.address, region.offset + region.size);
            Sys.close(region.fd);
        }
        regions.clear();
    }
}
