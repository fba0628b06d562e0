package io.diskport.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.service.log.LogLevel;

class FileLogTest {
    @TempDir private Path folder;

    @Test
    void aFullFileMovesAsideAndTheOneBeforeItGoes() throws Exception {
        Path file = folder.resolve("diskport.log");
        try (FileLog log = new FileLog(file, 10)) {
            for (String line : List.of("first one", "second one", "third one")) {
                log.write(LogLevel.INFO, line);
            }
        }
        assertEquals("third one\n", Files.readString(file));
        assertEquals("second one\n", Files.readString(folder.resolve("diskport.log.1")));
        assertFalse(Files.exists(folder.resolve("diskport.log.2")));
    }

    @Test
    void aSecondRunGoesOnWhereTheFirstEnded() throws Exception {
        Path file = folder.resolve("diskport.log");
        for (String line : List.of("one run", "another")) {
            try (FileLog log = new FileLog(file)) {
                log.write(LogLevel.INFO, line);
            }
        }
        assertEquals("one run\nanother\n", Files.readString(file));
    }
}
