package io.diskport.shell;

import java.util.Locale;

/** Numbers as people read them. */
final class Units {
    private static final String[] BYTES = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

    private Units() {}

    /** {@code 256 MiB}, {@code 1.5 GiB}, or every byte; empty for what is not known (negative). */
    static String bytes(long bytes, boolean exact) {
        if (bytes < 0) {
            return "";
        }
        if (exact) {
            return Long.toString(bytes);
        }
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < BYTES.length - 1) {
            value /= 1024;
            unit++;
        }
        return short3(value) + " " + BYTES[unit];
    }

    /** {@code 850 ns}, {@code 12.5 us}, {@code 3 ms}. */
    static String time(long nanos) {
        if (nanos < 1_000) {
            return nanos + " ns";
        }
        if (nanos < 1_000_000) {
            return short3(nanos / 1e3) + " us";
        }
        return nanos < 1_000_000_000 ? short3(nanos / 1e6) + " ms" : short3(nanos / 1e9) + " s";
    }

    /** {@code 950}, {@code 12.3k}, {@code 4.1M}. */
    static String count(double count) {
        if (count < 10_000) {
            return short3(count);
        }
        return count < 1e6 ? short3(count / 1e3) + "k" : short3(count / 1e6) + "M";
    }

    /** At most three digits that count, without a fraction of nothing. */
    private static String short3(double value) {
        String text = String.format(Locale.ROOT, value < 9.95 ? "%.1f" : "%.0f", value);
        if (value >= 9.95 && value < 99.95) {
            text = String.format(Locale.ROOT, "%.1f", value);
        }
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }
}
