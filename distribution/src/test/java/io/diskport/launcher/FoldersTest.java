package io.diskport.launcher;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FoldersTest {
    @TempDir private Path folder;

    @Test
    void aFolderOfOnesOwnIsTaken() throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertDoesNotThrow(() -> Folders.requireOwn("conf", folder));
    }

    @Test
    void aFolderThatOthersCanWriteIsRefusedWithTheCure() throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xrwx"));
        assertEquals(
                folder
                        + " is writable by others, who could make Diskport run anything: chmod go-w '"
                        + folder
                        + "'",
                refusal());
    }

    @ParameterizedTest
    @ValueSource(strings = {"driver.jar", "io.diskport.node-x.cfg", "deploy.allow"})
    void aFileThatTheGroupCanWriteIsRefusedAsWell(String name) throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path file = Files.createFile(folder.resolve(name));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-r--"));
        assertTrue(refusal().startsWith(file + " is writable by its group"), refusal());
    }

    @Test
    void aMissingFolderIsNamed() {
        Path missing = folder.resolve("nowhere");
        StartException refused =
                assertThrows(StartException.class, () -> Folders.requireOwn("deploy", missing));
        assertEquals(
                "deploy folder " + missing + " does not exist: make it, or name another",
                refused.getMessage());
    }

    @Test
    void varIsMadeAndBelongsToOneRun() throws Exception {
        Path var = folder.resolve("a/var");
        try (FileLock lock = Folders.claim(var)) {
            assertTrue(lock.isValid());
            StartException refused = assertThrows(StartException.class, () -> Folders.claim(var));
            assertEquals(
                    "%s is in use by a Diskport that runs already (process %d): end that one, or name another folder with --var"
                            .formatted(var, ProcessHandle.current().pid()),
                    refused.getMessage());
        }
        Folders.claim(var).channel().close();
    }

    private String refusal() {
        return assertThrows(StartException.class, () -> Folders.requireOwn("conf", folder))
                .getMessage();
    }
}
