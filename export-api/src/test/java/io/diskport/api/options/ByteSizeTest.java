package io.diskport.api.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0, 0",
        "1000, 1000, 1000",
        "1k, 1024, 1K",
        "256M, 268435456, 256M",
        "512B, 512, 512",
        "7E, 8070450532247928832, 7E"
    })
    void readsAndWritesSuffixes(String text, long bytes, String shown) {
        assertEquals(bytes, ByteSize.parse(text).bytes());
        assertEquals(shown, new ByteSize(bytes).toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "M", "-1", "12x", "1.5G", "8E", "18446744073709551615", "0x10"})
    void refusesWhatIsNoSize(String text) {
        assertThrows(IllegalArgumentException.class, () -> ByteSize.parse(text));
    }

    @Test
    void isNotNegative() {
        assertThrows(IllegalArgumentException.class, () -> new ByteSize(-1));
    }
}
