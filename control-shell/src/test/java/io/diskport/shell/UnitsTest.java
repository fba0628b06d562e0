package io.diskport.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnitsTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "512, 512 B",
        "1024, 1 KiB",
        "1536, 1.5 KiB",
        "268435456, 256 MiB",
        "1073741823, 1024 MiB",
        "13194139533312, 12 TiB",
        "9223372036854775807, 8 EiB"
    })
    void bytesAreRoundedToTheirUnit(long bytes, String text) {
        assertEquals(text, Units.bytes(bytes, false));
    }

    @Test
    void exactBytesAreAllThere() {
        assertEquals("268435456", Units.bytes(268435456, true));
    }

    @ParameterizedTest
    @CsvSource({"850, 850 ns", "12500, 12.5 us", "3000000, 3 ms", "2500000000, 2.5 s"})
    void timesAreRoundedToTheirUnit(long nanos, String text) {
        assertEquals(text, Units.time(nanos));
    }

    @ParameterizedTest
    @CsvSource({"0.4, 0.4", "950, 950", "12345, 12.3k", "4100000, 4.1M"})
    void countsAreShort(double count, String text) {
        assertEquals(text, Units.count(count));
    }
}
