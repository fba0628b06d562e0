package io.diskport.core.objects;

import io.diskport.api.object.ThrottleGroup;
import java.util.List;
import java.util.Objects;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * A throttle group of leaky buckets: each request pours its units into the buckets that count it,
 * they leak at the rate of their limit, and what is above a bucket's rim is the time to wait. So
 * requests go in the order in which they reserved, and no thread or timer is needed.
 */
final class LeakyBuckets implements ThrottleGroup {
    private static final double NANOS = 1e9;

    /** One limit; guarded by the group's lock. */
    private static final class Bucket {
        final double perNano;
        final double rim;
        double level;

        Bucket(long perSecond, long burst) {
            this.perNano = perSecond / NANOS;
            this.rim = burst > 0 ? burst : perSecond / 10.0;
        }

        void leak(long nanos) {
            level = Math.max(0, level - perNano * nanos);
        }

        long nanosToWait(double units) {
            return units == 0 || level <= rim ? 0 : (long) Math.ceil((level - rim) / perNano);
        }
    }

    private final Bucket[] requests;
    private final Bucket[] bytes;
    private final List<Bucket> all;
    private final long requestSize;
    private final LongSupplier clock;
    private long last;

    LeakyBuckets(ThrottleLimits limits, LongSupplier clock) {
        this.requests =
                buckets(
                        limits.iopsTotal(),
                        limits.iopsTotalMax(),
                        limits.iopsRead(),
                        limits.iopsReadMax(),
                        limits.iopsWrite(),
                        limits.iopsWriteMax());
        this.bytes =
                buckets(
                        limits.bpsTotal().bytes(),
                        limits.bpsTotalMax().bytes(),
                        limits.bpsRead().bytes(),
                        limits.bpsReadMax().bytes(),
                        limits.bpsWrite().bytes(),
                        limits.bpsWriteMax().bytes());
        this.all =
                Stream.of(requests, bytes)
                        .flatMap(Stream::of)
                        .filter(Objects::nonNull)
                        .distinct()
                        .toList();
        this.requestSize = limits.iopsSize().bytes();
        this.clock = clock;
        this.last = clock.getAsLong();
    }

    /** The buckets for reads and for writes, which are one where there is a limit for both. */
    private static Bucket[] buckets(
            long total, long totalMax, long read, long readMax, long write, long writeMax) {
        if (total > 0) {
            Bucket both = new Bucket(total, totalMax);
            return new Bucket[] {both, both};
        }
        return new Bucket[] {
            read > 0 ? new Bucket(read, readMax) : null,
            write > 0 ? new Bucket(write, writeMax) : null
        };
    }

    @Override
    public synchronized long reserve(boolean write, long length) {
        leak();
        long nanos = toWait(write, length);
        pour(write, length, 1);
        return nanos;
    }

    @Override
    public synchronized boolean tryReserve(boolean write, long length) {
        leak();
        if (toWait(write, length) > 0) {
            return false;
        }
        pour(write, length, 1);
        return true;
    }

    @Override
    public synchronized void cancel(boolean write, long length) {
        pour(write, length, -1);
    }

    private void leak() {
        long now = clock.getAsLong();
        long passed = now - last;
        last = now;
        for (Bucket bucket : all) {
            bucket.leak(passed);
        }
    }

    private long toWait(boolean write, long length) {
        int side = write ? 1 : 0;
        long nanos = requests[side] == null ? 0 : requests[side].nanosToWait(1);
        return bytes[side] == null ? nanos : Math.max(nanos, bytes[side].nanosToWait(length));
    }

    private void pour(boolean write, long length, int sign) {
        int side = write ? 1 : 0;
        if (requests[side] != null) {
            boolean large = requestSize > 0 && length > requestSize;
            double units = large ? (double) length / requestSize : 1;
            requests[side].level = Math.max(0, requests[side].level + sign * units);
        }
        if (bytes[side] != null) {
            bytes[side].level = Math.max(0, bytes[side].level + sign * (double) length);
        }
    }
}
