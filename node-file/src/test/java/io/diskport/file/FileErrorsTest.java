package io.diskport.file;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.diskport.api.Errno;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Errors that the JDK gives as texts, in whatever language. */
class FileErrorsTest {
    private static final String GERMAN = "Auf dem Gerät ist kein Speicherplatz mehr verfügbar";

    @TempDir Path folder;

    @Test
    void exceptionsOfTheirOwnNeedNoText() {
        assertEquals(Errno.ENOENT, FileErrors.errno(new NoSuchFileException("f", null, "weg")));
        assertEquals(Errno.EACCES, FileErrors.errno(new AccessDeniedException("f", null, "nein")));
    }

    @Test
    void aFullDiskIsKnownInEveryLanguage() {
        Optional<String> german = Optional.of(GERMAN);
        assertEquals(Errno.ENOSPC, FileErrors.errno(new IOException(GERMAN), german));
        assertEquals(
                Errno.ENOSPC, FileErrors.errno(new FileSystemException("f", null, GERMAN), german));
        assertEquals(Errno.EIO, FileErrors.errno(new IOException(GERMAN), Optional.empty()));
    }

    @Test
    void textsAreKnownInEnglish() {
        Optional<String> unknown = Optional.empty();
        for (Errno errno : new Errno[] {Errno.ENOSPC, Errno.EFBIG, Errno.EROFS}) {
            assertEquals(errno, FileErrors.errno(new IOException(errno.text()), unknown));
        }
        assertEquals(Errno.EIO, FileErrors.errno(new IOException((String) null)));
    }

    @Test
    void theSystemTellsItsText() throws Exception {
        Path full = Path.of("/dev/full");
        Needs.that(Files.isWritable(full), "/dev/full");
        // the tests are run in English or without a language
        assertEquals(Optional.of(Errno.ENOSPC.text()), LocalTexts.noSpace(full));
        assertEquals(LocalTexts.noSpace(full), LocalTexts.noSpace());
        assertEquals(Optional.empty(), LocalTexts.noSpace(Path.of("/dev/null")));
        assertEquals(Optional.empty(), LocalTexts.noSpace(folder.resolve("none")));
        Path file = Files.write(folder.resolve("file"), new byte[1]);
        assertEquals(Optional.empty(), LocalTexts.noSpace(file));
    }
}
