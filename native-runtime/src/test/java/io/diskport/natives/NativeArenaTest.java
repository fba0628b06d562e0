package io.diskport.natives;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class NativeArenaTest {
    @Test
    void textsEndWithNul() {
        try (NativeArena arena = new NativeArena()) {
            assertEquals("grün\0", text(arena.string("grün"), 6));
        }
    }

    @Test
    void arraysOfTextsEndWithANullPointer() {
        try (NativeArena arena = new NativeArena()) {
            ByteBuffer array = NativeMemory.view(arena.strings(List.of("a", "bc")), 24);
            assertEquals("a\0", text(array.getLong(0), 2));
            assertEquals("bc\0", text(array.getLong(8), 3));
            assertEquals(0, array.getLong(16));
        }
    }

    @Test
    void aTextWithNulIsRefused() {
        try (NativeArena arena = new NativeArena()) {
            assertThrows(IllegalArgumentException.class, () -> arena.string("a\0b"));
        }
    }

    private static String text(long address, int length) {
        return StandardCharsets.UTF_8.decode(NativeMemory.view(address, length)).toString();
    }
}
