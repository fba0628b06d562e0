package io.diskport.vhost.blk;

import io.diskport.api.export.BlockBackend;
import io.diskport.api.node.BlockLimits;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The disk that guests see: its features and its configuration (virtio 1.2, section 5.2). */
final class Device {
    /** Segments of a request that are recommended at the most: QEMU's rings have 128 entries. */
    private static final int MOST_SEGMENTS = 126;

    private static final int SIZE_MAX = 1 << 20;
    private static final int PHYSICAL_BLOCK = 4096;
    private static final int MOST_BLOCKS = 32768;

    private final BlockBackend backend;
    private final VhostUserBlkOptions options;
    private final byte[] serial;

    Device(BlockBackend backend, VhostUserBlkOptions options, String id) {
        this.backend = backend;
        this.options = options;
        byte[] text = options.serial().orElse(id).getBytes(StandardCharsets.US_ASCII);
        this.serial = Arrays.copyOf(text, VirtioBlk.ID_LENGTH);
    }

    /** What is offered. */
    long features() {
        long features =
                VirtioBlk.F_SIZE_MAX
                        | VirtioBlk.F_SEG_MAX
                        | VirtioBlk.F_BLK_SIZE
                        | VirtioBlk.F_FLUSH
                        | VirtioBlk.F_TOPOLOGY
                        | VirtioBlk.F_CONFIG_WCE
                        | VirtioBlk.F_MQ
                        | VirtioBlk.F_INDIRECT_DESC
                        | VirtioBlk.F_EVENT_IDX
                        | VirtioBlk.F_VERSION_1
                        | VhostUser.F_PROTOCOL_FEATURES;
        return backend.writable()
                ? features | VirtioBlk.F_DISCARD | VirtioBlk.F_WRITE_ZEROES
                : features | VirtioBlk.F_RO;
    }

    /** In bytes: the node's length without a last part of a block. */
    long capacity() {
        return backend.length() & -options.logicalBlockSize();
    }

    boolean isWritable() {
        return backend.writable();
    }

    int queues() {
        return options.numQueues();
    }

    int queueSize() {
        return options.queueSize();
    }

    int parallelism() {
        return backend.limits().parallelism();
    }

    /** What GET_ID answers, 20 bytes; nobody changes it. */
    byte[] serial() {
        return serial;
    }

    /** Fills in the configuration; what is behind its fields stays zero. */
    void putConfig(ByteBuffer config, boolean cached) {
        int block = options.logicalBlockSize();
        BlockLimits limits = backend.limits();
        int preferred = Math.max(block, limits.preferredLength());
        int physical =
                Math.max(
                        block,
                        Math.min(preferred, Math.max(PHYSICAL_BLOCK, limits.requestAlignment())));
        int sectors = Math.max(block, limits.discardAlignment()) / VirtioBlk.SECTOR;
        config.putLong(VirtioBlk.CONFIG_CAPACITY, capacity() / VirtioBlk.SECTOR);
        config.putInt(VirtioBlk.CONFIG_SIZE_MAX, SIZE_MAX);
        config.putInt(
                VirtioBlk.CONFIG_SEG_MAX,
                Math.max(1, Math.min(MOST_SEGMENTS, options.queueSize() - 2)));
        config.putInt(VirtioBlk.CONFIG_BLK_SIZE, block);
        config.put(
                VirtioBlk.CONFIG_PHYSICAL_BLOCK_EXP,
                (byte) Integer.numberOfTrailingZeros(physical / block));
        config.putShort(
                VirtioBlk.CONFIG_MIN_IO_SIZE, (short) Math.min(physical / block, MOST_BLOCKS));
        config.putInt(VirtioBlk.CONFIG_OPT_IO_SIZE, preferred > physical ? preferred / block : 0);
        config.put(VirtioBlk.CONFIG_WCE, (byte) (cached ? 1 : 0));
        config.putShort(VirtioBlk.CONFIG_NUM_QUEUES, (short) options.numQueues());
        if (backend.writable()) {
            config.putInt(VirtioBlk.CONFIG_MAX_DISCARD_SECTORS, VirtioBlk.MAX_RANGE_SECTORS);
            config.putInt(VirtioBlk.CONFIG_MAX_DISCARD_SEG, 1);
            config.putInt(VirtioBlk.CONFIG_DISCARD_SECTOR_ALIGNMENT, sectors);
            config.putInt(VirtioBlk.CONFIG_MAX_WRITE_ZEROES_SECTORS, VirtioBlk.MAX_RANGE_SECTORS);
            config.putInt(VirtioBlk.CONFIG_MAX_WRITE_ZEROES_SEG, 1);
            config.put(VirtioBlk.CONFIG_WRITE_ZEROES_MAY_UNMAP, (byte) 1);
        }
    }
}
