package io.diskport.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ErrnoTest {
    @Test
    void everyNumberIsFoundAgainAndUnknownOnesAreInputOutputErrors() {
        for (Errno errno : Errno.values()) {
            assertEquals(errno, Errno.of(errno.number()));
        }
        assertEquals(Errno.EIO, Errno.of(0));
        assertEquals(Errno.EIO, Errno.of(-5));
        assertEquals(Errno.EIO, Errno.of(99999));
    }
}
