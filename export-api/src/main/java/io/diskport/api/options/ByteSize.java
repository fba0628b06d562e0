package io.diskport.api.options;

/**
 * A number of bytes, written with an optional suffix: k, M, G, T, P or E, each 1024 times the one
 * before.
 *
 * @param bytes not negative
 */
public record ByteSize(long bytes) implements Comparable<ByteSize> {
    private static final String SUFFIXES = "KMGTPE";

    /** Checks the sign. */
    public ByteSize {
        if (bytes < 0) {
            throw new IllegalArgumentException("a size is not negative: " + bytes);
        }
    }

    /**
     * The size that a text means.
     *
     * @throws IllegalArgumentException if it means none, with a message for people
     */
    public static ByteSize parse(String text) {
        String digits = text;
        int shift = 0;
        int last = text.length() - 1;
        if (last > 0) {
            char suffix = Character.toUpperCase(text.charAt(last));
            int at = SUFFIXES.indexOf(suffix);
            if (at >= 0 || suffix == 'B') {
                shift = 10 * (at + 1);
                digits = text.substring(0, last);
            }
        }
        long number;
        try {
            number = Long.parseUnsignedLong(digits);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "a size is a number of bytes, with k, M, G, T, P or E behind it if wanted", e);
        }
        if (number < 0 || number > Long.MAX_VALUE >> shift) {
            throw new IllegalArgumentException("a size is at most 8 EiB - 1");
        }
        return new ByteSize(number << shift);
    }

    @Override
    public int compareTo(ByteSize other) {
        return Long.compare(bytes, other.bytes);
    }

    /** As it would be typed, with the largest suffix that loses nothing: 256M, 1000. */
    @Override
    public String toString() {
        long value = bytes;
        int power = 0;
        while (value != 0 && (value & 1023) == 0 && power < SUFFIXES.length()) {
            value >>= 10;
            power++;
        }
        return power == 0 ? Long.toString(value) : value + SUFFIXES.substring(power - 1, power);
    }
}
