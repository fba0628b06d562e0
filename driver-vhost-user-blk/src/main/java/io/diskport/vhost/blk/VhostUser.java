package io.diskport.vhost.blk;

import java.util.ArrayList;
import java.util.List;

/** The numbers of the vhost-user protocol (its specification's chapters are named). */
final class VhostUser {
    // Message specification, header: three little-endian 32-bit numbers
    static final int HEADER = 12;
    static final int VERSION_MASK = 3;
    static final int VERSION = 1;
    static final int REPLY = 1 << 2;
    static final int NEED_REPLY = 1 << 3;

    // Front-end message types
    static final int GET_FEATURES = 1;
    static final int SET_FEATURES = 2;
    static final int SET_OWNER = 3;
    static final int RESET_OWNER = 4;
    static final int SET_MEM_TABLE = 5;
    static final int SET_VRING_NUM = 8;
    static final int SET_VRING_ADDR = 9;
    static final int SET_VRING_BASE = 10;
    static final int GET_VRING_BASE = 11;
    static final int SET_VRING_KICK = 12;
    static final int SET_VRING_CALL = 13;
    static final int SET_VRING_ERR = 14;
    static final int GET_PROTOCOL_FEATURES = 15;
    static final int SET_PROTOCOL_FEATURES = 16;
    static final int GET_QUEUE_NUM = 17;
    static final int SET_VRING_ENABLE = 18;
    static final int SET_BACKEND_REQ_FD = 21;
    static final int GET_CONFIG = 24;
    static final int SET_CONFIG = 25;
    static final int GET_INFLIGHT_FD = 31;
    static final int SET_INFLIGHT_FD = 32;
    static final int RESET_DEVICE = 34;
    static final int GET_MAX_MEM_SLOTS = 36;
    static final int ADD_MEM_REG = 37;
    static final int REM_MEM_REG = 38;
    static final int SET_STATUS = 39;
    static final int GET_STATUS = 40;

    // Back-end message types
    static final int BACKEND_CONFIG_CHANGE_MSG = 2;

    // Feature bit that the protocol itself adds to the device's
    static final long F_PROTOCOL_FEATURES = 1L << 30;

    // Protocol features
    static final long P_MQ = 1L;
    static final long P_REPLY_ACK = 1L << 3;
    static final long P_BACKEND_REQ = 1L << 5;
    static final long P_CONFIG = 1L << 9;
    static final long P_INFLIGHT_SHMFD = 1L << 12;
    static final long P_RESET_DEVICE = 1L << 13;
    static final long P_CONFIGURE_MEM_SLOTS = 1L << 15;
    static final long P_STATUS = 1L << 16;

    static final long PROTOCOL_FEATURES =
            P_MQ
                    | P_REPLY_ACK
                    | P_BACKEND_REQ
                    | P_CONFIG
                    | P_INFLIGHT_SHMFD
                    | P_RESET_DEVICE
                    | P_CONFIGURE_MEM_SLOTS
                    | P_STATUS;

    // Vring descriptor: bits 0 to 7 are the index
    static final long VRING_INDEX_MASK = 0xff;
    static final long VRING_NO_DESCRIPTOR = 1L << 8;

    /** Regions of one SET_MEM_TABLE. */
    static final int MAX_TABLE_REGIONS = 8;

    /** Regions in all, as GET_MAX_MEM_SLOTS says. */
    static final int MAX_REGIONS = 32;

    static final int REGION_SIZE = 32;
    static final int VRING_ADDRESS_SIZE = 40;
    static final int CONFIG_HEADER = 12;
    static final int INFLIGHT_SIZE = 24;

    private VhostUser() {}

    /** The protocol features for people. */
    static String names(long features) {
        List<String> names = new ArrayList<>();
        name(names, features, P_MQ, "MQ");
        name(names, features, P_REPLY_ACK, "REPLY_ACK");
        name(names, features, P_BACKEND_REQ, "BACKEND_REQ");
        name(names, features, P_CONFIG, "CONFIG");
        name(names, features, P_INFLIGHT_SHMFD, "INFLIGHT_SHMFD");
        name(names, features, P_RESET_DEVICE, "RESET_DEVICE");
        name(names, features, P_CONFIGURE_MEM_SLOTS, "CONFIGURE_MEM_SLOTS");
        name(names, features, P_STATUS, "STATUS");
        return String.join(" ", names);
    }

    static void name(List<String> names, long features, long feature, String name) {
        if ((features & feature) != 0) {
            names.add(name);
        }
    }
}
