package io.diskport.vhost.blk.testing;

/**
 * The numbers of the vhost-user protocol ("Front-end message types", "Protocol features") and of
 * virtio 1.x (sections 5.2, 6), once more and independent of the driver's.
 */
public final class Vhost {
    // Messages of the front-end
    public static final int GET_FEATURES = 1;
    public static final int SET_FEATURES = 2;
    public static final int SET_OWNER = 3;
    public static final int RESET_OWNER = 4;
    public static final int SET_MEM_TABLE = 5;
    public static final int SET_LOG_BASE = 6;
    public static final int SET_LOG_FD = 7;
    public static final int SET_VRING_NUM = 8;
    public static final int SET_VRING_ADDR = 9;
    public static final int SET_VRING_BASE = 10;
    public static final int GET_VRING_BASE = 11;
    public static final int SET_VRING_KICK = 12;
    public static final int SET_VRING_CALL = 13;
    public static final int SET_VRING_ERR = 14;
    public static final int GET_PROTOCOL_FEATURES = 15;
    public static final int SET_PROTOCOL_FEATURES = 16;
    public static final int GET_QUEUE_NUM = 17;
    public static final int SET_VRING_ENABLE = 18;
    public static final int SEND_RARP = 19;
    public static final int SET_BACKEND_REQ_FD = 21;
    public static final int GET_CONFIG = 24;
    public static final int SET_CONFIG = 25;
    public static final int GET_INFLIGHT_FD = 31;
    public static final int SET_INFLIGHT_FD = 32;
    public static final int RESET_DEVICE = 34;
    public static final int GET_MAX_MEM_SLOTS = 36;
    public static final int ADD_MEM_REG = 37;
    public static final int REM_MEM_REG = 38;
    public static final int SET_STATUS = 39;
    public static final int GET_STATUS = 40;

    // Messages of the back-end
    public static final int BACKEND_CONFIG_CHANGE = 2;

    // Flags of the header
    public static final int VERSION = 1;
    public static final int REPLY = 4;
    public static final int NEED_REPLY = 8;

    // Protocol features
    public static final int P_MQ = 0;
    public static final int P_LOG_SHMFD = 1;
    public static final int P_REPLY_ACK = 3;
    public static final int P_BACKEND_REQ = 5;
    public static final int P_CONFIG = 9;
    public static final int P_INFLIGHT_SHMFD = 12;
    public static final int P_RESET_DEVICE = 13;
    public static final int P_INBAND_NOTIFICATIONS = 14;
    public static final int P_CONFIGURE_MEM_SLOTS = 15;
    public static final int P_STATUS = 16;

    // Features of the device
    public static final int F_SIZE_MAX = 1;
    public static final int F_SEG_MAX = 2;
    public static final int F_GEOMETRY = 4;
    public static final int F_RO = 5;
    public static final int F_BLK_SIZE = 6;
    public static final int F_FLUSH = 9;
    public static final int F_TOPOLOGY = 10;
    public static final int F_CONFIG_WCE = 11;
    public static final int F_MQ = 12;
    public static final int F_DISCARD = 13;
    public static final int F_WRITE_ZEROES = 14;
    public static final int F_LOG_ALL = 26;
    public static final int F_INDIRECT = 28;
    public static final int F_EVENT_IDX = 29;
    public static final int F_PROTOCOL = 30;
    public static final int F_VERSION_1 = 32;
    public static final int F_PACKED = 34;

    // Types of requests
    public static final int IN = 0;
    public static final int OUT = 1;
    public static final int FLUSH = 4;
    public static final int GET_ID = 8;
    public static final int DISCARD = 11;
    public static final int WRITE_ZEROES = 13;

    // Status of a request
    public static final int OK = 0;
    public static final int IOERR = 1;
    public static final int UNSUPP = 2;

    // Flags of a descriptor
    public static final int NEXT = 1;
    public static final int WRITE = 2;
    public static final int INDIRECT = 4;

    public static final int SECTOR = 512;
    public static final int CONFIG_LENGTH = 60;

    /** A bit. */
    public static long bit(int number) {
        return 1L << number;
    }

    /** Several bits. */
    public static long bits(int... numbers) {
        long all = 0;
        for (int number : numbers) {
            all |= bit(number);
        }
        return all;
    }

    private Vhost() {}
}
