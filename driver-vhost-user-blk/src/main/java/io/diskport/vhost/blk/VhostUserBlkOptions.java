package io.diskport.vhost.blk;

import io.diskport.api.options.Option;
import java.util.Optional;

/**
 * The options of an export of type vhost-user-blk, beside those that all exports have.
 *
 * @param addr where front-ends connect
 * @param logicalBlockSize the smallest unit that guests are told, in bytes
 * @param numQueues how many queues a front-end may use
 * @param queueSize how many entries a ring may have
 * @param serial what guests see as the disk's serial number
 */
public record VhostUserBlkOptions(
        @Option(description = "the socket that front-ends connect to") VhostUserBlkAddress addr,
        @Option(
                        description =
                                "logical block size that guests see: a power of two, 512 to 2097152",
                        defaultValue = "512")
                int logicalBlockSize,
        @Option(description = "how many queues a front-end may use, 1 to 64", defaultValue = "1")
                int numQueues,
        @Option(
                        description =
                                "the longest ring that a front-end may use: a power of two, 2 to"
                                        + " 1024 (QEMU's device has 128)",
                        defaultValue = "256")
                int queueSize,
        @Option(
                        description =
                                "serial number that guests see, at most 20 ASCII characters; the"
                                        + " export's id where none is given")
                Optional<String> serial) {
    private static final int MIN_BLOCK = 512;
    private static final int MAX_BLOCK = 2 << 20;
    private static final int MAX_QUEUES = 64;

    /** Checks what can be checked without looking at the host. */
    public VhostUserBlkOptions {
        checkPower("logical-block-size", logicalBlockSize, MIN_BLOCK, MAX_BLOCK);
        checkPower("queue-size", queueSize, 2, VirtioBlk.MAX_QUEUE_SIZE);
        if (numQueues == 0) {
            // In QEMU's words, which tools compare.
            throw new IllegalArgumentException(
                    "num-queues must be greater than 0: it is 1 to " + MAX_QUEUES);
        }
        if (numQueues < 1 || numQueues > MAX_QUEUES) {
            throw new IllegalArgumentException(
                    "Option 'num-queues' has the value '" + numQueues + "': it is 1 to 64");
        }
        serial.ifPresent(VhostUserBlkOptions::checkSerial);
    }

    private static void checkPower(String option, int value, int least, int most) {
        if (value < least || value > most || Integer.bitCount(value) != 1) {
            throw new IllegalArgumentException(
                    "Option '%s' has the value '%s': it is a power of two, %s to %s"
                            .formatted(option, value, least, most));
        }
    }

    private static void checkSerial(String text) {
        boolean printable = text.chars().allMatch(c -> c >= ' ' && c <= '~');
        if (!printable || text.length() > VirtioBlk.ID_LENGTH) {
            throw new IllegalArgumentException(
                    "Option 'serial' has the value '"
                            + (printable ? text : text.replaceAll("\\p{Cntrl}", "?"))
                            + "': it has at most 20 printable ASCII characters");
        }
    }
}
