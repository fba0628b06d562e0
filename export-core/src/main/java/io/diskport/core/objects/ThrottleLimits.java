package io.diskport.core.objects;

import io.diskport.api.options.ByteSize;
import io.diskport.api.options.Option;

/**
 * Limits in units per second; 0 is none.
 *
 * @param iopsTotal requests
 * @param iopsTotalMax requests that may come at once after a pause; a tenth of iopsTotal if 0
 * @param iopsRead reads
 * @param iopsReadMax reads at once
 * @param iopsWrite writes
 * @param iopsWriteMax writes at once
 * @param bpsTotal bytes
 * @param bpsTotalMax bytes at once
 * @param bpsRead bytes read
 * @param bpsReadMax bytes read at once
 * @param bpsWrite bytes written
 * @param bpsWriteMax bytes written at once
 * @param iopsSize a request of more bytes than this counts as so many times more requests
 */
record ThrottleLimits(
        @Option(description = "requests per second, 0 for no limit", defaultValue = "0")
                long iopsTotal,
        @Option(description = "requests at once after a pause", defaultValue = "0")
                long iopsTotalMax,
        @Option(description = "reads per second", defaultValue = "0") long iopsRead,
        @Option(description = "reads at once after a pause", defaultValue = "0") long iopsReadMax,
        @Option(description = "writes per second", defaultValue = "0") long iopsWrite,
        @Option(description = "writes at once after a pause", defaultValue = "0") long iopsWriteMax,
        @Option(description = "bytes per second", defaultValue = "0", example = "10M")
                ByteSize bpsTotal,
        @Option(description = "bytes at once after a pause", defaultValue = "0")
                ByteSize bpsTotalMax,
        @Option(description = "bytes read per second", defaultValue = "0") ByteSize bpsRead,
        @Option(description = "bytes read at once after a pause", defaultValue = "0")
                ByteSize bpsReadMax,
        @Option(description = "bytes written per second", defaultValue = "0") ByteSize bpsWrite,
        @Option(description = "bytes written at once after a pause", defaultValue = "0")
                ByteSize bpsWriteMax,
        @Option(
                        description = "larger requests count as several of this size, 0 for never",
                        defaultValue = "0")
                ByteSize iopsSize) {
    /** Checks that limits do not contradict each other. */
    ThrottleLimits {
        checkBurst("iops-total", iopsTotal, iopsTotalMax);
        checkBurst("iops-read", iopsRead, iopsReadMax);
        checkBurst("iops-write", iopsWrite, iopsWriteMax);
        checkBurst("bps-total", bpsTotal.bytes(), bpsTotalMax.bytes());
        checkBurst("bps-read", bpsRead.bytes(), bpsReadMax.bytes());
        checkBurst("bps-write", bpsWrite.bytes(), bpsWriteMax.bytes());
        checkOne("iops", iopsTotal > 0, iopsRead > 0 || iopsWrite > 0);
        checkOne("bps", bpsTotal.bytes() > 0, bpsRead.bytes() > 0 || bpsWrite.bytes() > 0);
        if (iopsSize.bytes() > 0 && iopsTotal == 0 && iopsRead == 0 && iopsWrite == 0) {
            throw new IllegalArgumentException(
                    "Option 'limits.iops-size' needs a limit of requests, for instance"
                            + " 'limits.iops-total'");
        }
    }

    private static void checkBurst(String name, long average, long burst) {
        checkNotNegative(name, average);
        checkNotNegative(name + "-max", burst);
        if (burst > 0 && average == 0) {
            throw new IllegalArgumentException(
                    "Option 'limits." + name + "-max' needs option 'limits." + name + "'");
        }
        if (burst > 0 && burst < average) {
            throw new IllegalArgumentException(
                    "Option 'limits."
                            + name
                            + "-max' has the value '"
                            + burst
                            + "': it is at least 'limits."
                            + name
                            + "', "
                            + average);
        }
    }

    private static void checkNotNegative(String name, long value) {
        if (value < 0) {
            throw new IllegalArgumentException(
                    "Option 'limits." + name + "' has the value '" + value + "': it is 0 or more");
        }
    }

    private static void checkOne(String unit, boolean total, boolean single) {
        if (total && single) {
            throw new IllegalArgumentException(
                    "Option 'limits."
                            + unit
                            + "-total' cannot stand beside 'limits."
                            + unit
                            + "-read' or 'limits."
                            + unit
                            + "-write'");
        }
    }
}
