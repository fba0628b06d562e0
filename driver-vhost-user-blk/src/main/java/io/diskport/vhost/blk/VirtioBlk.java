package io.diskport.vhost.blk;

import static io.diskport.vhost.blk.VhostUser.name;

import java.util.ArrayList;
import java.util.List;

/** The numbers of virtio's block device and of its split rings (virtio 1.2, sections named). */
final class VirtioBlk {
    // 5.2.3 Feature bits
    static final long F_SIZE_MAX = 1L << 1;
    static final long F_SEG_MAX = 1L << 2;
    static final long F_RO = 1L << 5;
    static final long F_BLK_SIZE = 1L << 6;
    static final long F_FLUSH = 1L << 9;
    static final long F_TOPOLOGY = 1L << 10;
    static final long F_CONFIG_WCE = 1L << 11;
    static final long F_MQ = 1L << 12;
    static final long F_DISCARD = 1L << 13;
    static final long F_WRITE_ZEROES = 1L << 14;

    // 6 Reserved feature bits
    static final long F_INDIRECT_DESC = 1L << 28;
    static final long F_EVENT_IDX = 1L << 29;
    static final long F_VERSION_1 = 1L << 32;

    // 5.2.4 Device configuration layout
    static final int CONFIG_CAPACITY = 0;
    static final int CONFIG_SIZE_MAX = 8;
    static final int CONFIG_SEG_MAX = 12;
    static final int CONFIG_BLK_SIZE = 20;
    static final int CONFIG_PHYSICAL_BLOCK_EXP = 24;
    static final int CONFIG_MIN_IO_SIZE = 26;
    static final int CONFIG_OPT_IO_SIZE = 28;
    static final int CONFIG_WCE = 32;
    static final int CONFIG_NUM_QUEUES = 34;
    static final int CONFIG_MAX_DISCARD_SECTORS = 36;
    static final int CONFIG_MAX_DISCARD_SEG = 40;
    static final int CONFIG_DISCARD_SECTOR_ALIGNMENT = 44;
    static final int CONFIG_MAX_WRITE_ZEROES_SECTORS = 48;
    static final int CONFIG_MAX_WRITE_ZEROES_SEG = 52;
    static final int CONFIG_WRITE_ZEROES_MAY_UNMAP = 56;

    // 5.2.6 Device operation
    static final int SECTOR = 512;
    static final int SECTOR_SHIFT = 9;
    static final int REQUEST_HEADER = 16;
    static final int T_IN = 0;
    static final int T_OUT = 1;
    static final int T_FLUSH = 4;
    static final int T_GET_ID = 8;
    static final int T_DISCARD = 11;
    static final int T_WRITE_ZEROES = 13;
    static final byte S_OK = 0;
    static final byte S_IOERR = 1;
    static final byte S_UNSUPP = 2;
    static final int ID_LENGTH = 20;
    static final int RANGE_LENGTH = 16;
    static final int RANGE_UNMAP = 1;

    // 2.7 Split virtqueues
    static final int DESC_SIZE = 16;
    static final int DESC_F_NEXT = 1;
    static final int DESC_F_WRITE = 2;
    static final int DESC_F_INDIRECT = 4;
    static final int AVAIL_F_NO_INTERRUPT = 1;
    static final int USED_F_NO_NOTIFY = 1;

    /** The longest ring that is served. */
    static final int MAX_QUEUE_SIZE = 1024;

    /** The longest range of a discard, or of zeroes, in sectors. */
    static final int MAX_RANGE_SECTORS = 32768;

    private VirtioBlk() {}

    /** The features for people. */
    static String names(long features) {
        List<String> names = new ArrayList<>();
        name(names, features, F_SIZE_MAX, "SIZE_MAX");
        name(names, features, F_SEG_MAX, "SEG_MAX");
        name(names, features, F_RO, "RO");
        name(names, features, F_BLK_SIZE, "BLK_SIZE");
        name(names, features, F_FLUSH, "FLUSH");
        name(names, features, F_TOPOLOGY, "TOPOLOGY");
        name(names, features, F_CONFIG_WCE, "CONFIG_WCE");
        name(names, features, F_MQ, "MQ");
        name(names, features, F_DISCARD, "DISCARD");
        name(names, features, F_WRITE_ZEROES, "WRITE_ZEROES");
        name(names, features, F_INDIRECT_DESC, "INDIRECT_DESC");
        name(names, features, F_EVENT_IDX, "EVENT_IDX");
        name(names, features, F_VERSION_1, "VERSION_1");
        return String.join(" ", names);
    }
}
