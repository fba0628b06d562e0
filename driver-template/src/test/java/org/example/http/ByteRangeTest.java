package org.example.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class ByteRangeTest {
    private static Optional<ByteRange> range(String header) {
        return ByteRange.of(header, 1000);
    }

    @Test
    void partsOfTheWhole() {
        assertEquals(Optional.of(new ByteRange(0, 1)), range("bytes=0-0"));
        assertEquals(Optional.of(new ByteRange(10, 990)), range("bytes=10-"));
        assertEquals(Optional.of(new ByteRange(990, 10)), range("bytes=-10"));
        assertEquals(Optional.of(new ByteRange(990, 10)), range("bytes=990-2000"));
        assertEquals(Optional.of(new ByteRange(0, 1000)), range("bytes=-5000"));
    }

    @Test
    void whatCannotBeSatisfied() {
        assertEquals(0, range("bytes=1000-").orElseThrow().length());
        assertEquals(0, range("bytes=-0").orElseThrow().length());
    }

    @Test
    void whatIsIgnored() {
        for (String header : new String[] {"bytes=-", "bytes=5-4", "bytes=0-1,3-4", "items=0-1", ""}) {
            assertEquals(Optional.empty(), range(header), header);
        }
    }
}
