package io.diskport.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PrivateVarTest {
    private Path left;

    @AfterEach
    void clear() throws Exception {
        if (left != null) {
            Files.deleteIfExists(left.resolve(Folders.LOCK));
            Files.deleteIfExists(left);
        }
    }

    @Test
    void itIsForThisUserAndGoesWithEverythingInIt() throws Exception {
        Path folder;
        try (PrivateVar var = PrivateVar.make()) {
            folder = var.folder();
            assertEquals(
                    PosixFilePermissions.fromString("rwx------"),
                    Files.getPosixFilePermissions(folder));
            Files.writeString(Files.createDirectories(folder.resolve("a/b")).resolve("c"), "x");
        }
        assertFalse(Files.exists(folder));
    }

    @Test
    void whatAKilledRunHasLeftGoesWithTheNextOne() throws Exception {
        left = Files.createTempDirectory(PrivateVar.parent(), PrivateVar.PREFIX);
        Files.writeString(left.resolve(Folders.LOCK), "1\n");
        PrivateVar.make().close();
        assertTrue(Files.exists(left), "it may be about to take its lock");

        Files.setLastModifiedTime(left, FileTime.from(Instant.now().minus(Duration.ofMinutes(5))));
        PrivateVar.make().close();
        assertFalse(Files.exists(left));
    }

    @Test
    void aFolderWithoutALockIsNotOurs() throws Exception {
        left = Files.createTempDirectory(PrivateVar.parent(), PrivateVar.PREFIX);
        Files.setLastModifiedTime(left, FileTime.from(Instant.now().minus(Duration.ofMinutes(5))));
        PrivateVar.make().close();
        assertTrue(Files.exists(left));
    }
}
