package io.diskport.natives;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class NativeErrorTest {
    @Test
    void namesErrorsOfEitherSign() {
        assertEquals("ENOENT", NativeError.name(NativeError.ENOENT));
        assertEquals("ENOENT", NativeError.name(-2));
        assertEquals("No such file or directory", NativeError.message(-2));
        assertEquals("Transport endpoint is not connected", NativeError.message(107));
    }

    @Test
    void numbersUnknownOnes() {
        assertEquals("errno 4095", NativeError.name(-4095));
        assertEquals("errno 41", NativeError.message(41));
        assertEquals("errno -2147483648", NativeError.message(Integer.MIN_VALUE));
    }
}
