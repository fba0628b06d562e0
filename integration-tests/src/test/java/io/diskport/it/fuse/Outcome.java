package io.diskport.it.fuse;

import io.diskport.natives.NativeError;
import java.util.Arrays;

/**
 * What came of an operation.
 *
 * @param result what the call answered, or the negated error number
 * @param size the file's length afterwards
 * @param data what was read
 * @param complaint what contradicts itself, without looking at another file; or nothing
 */
record Outcome(long result, long size, byte[] data, String complaint) {
    private static final byte[] NO_DATA = {};

    static Outcome of(long result, long size) {
        return new Outcome(result, size, NO_DATA, "");
    }

    static Outcome read(long size, byte[] data) {
        return new Outcome(data.length, size, data, "");
    }

    static Outcome complaint(String complaint, long size) {
        return new Outcome(0, size, NO_DATA, complaint);
    }

    /** Where the other one is not the same, or nothing. */
    String difference(Outcome other) {
        if (!complaint.isEmpty()) {
            return complaint;
        }
        if (!other.complaint.isEmpty()) {
            return other.complaint;
        }
        if (result != other.result) {
            return say(result) + " expected, and it was " + say(other.result);
        }
        if (size != other.size) {
            return "then " + size + " bytes long expected, and it was " + other.size;
        }
        int at = Arrays.mismatch(data, other.data);
        if (at < 0) {
            return "";
        }
        return "byte %d of %d is %02x and not %02x, and %d more are wrong"
                .formatted(at, data.length, other.data[at], data[at], wrong(other, at) - 1);
    }

    private int wrong(Outcome other, int from) {
        int count = 0;
        for (int i = from; i < data.length; i++) {
            count += data[i] == other.data[i] ? 0 : 1;
        }
        return count;
    }

    private static String say(long result) {
        return result < 0 ? NativeError.name((int) result) : Long.toString(result);
    }

    @Override
    public String toString() {
        return say(result) + ", " + size + " bytes long";
    }
}
