package io.diskport.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PidFileTest {
    @TempDir private Path folder;

    @Test
    void itHoldsThePidAndGoes() throws Exception {
        Path file = folder.resolve("pid");
        Files.writeString(file, "of an earlier run, that was killed");
        PidFile written = PidFile.write(file);
        try (written) {
            assertEquals(ProcessHandle.current().pid() + "\n", Files.readString(file));
        }
        assertFalse(Files.exists(file));
    }

    @Test
    void aFolderThatIsNotThereIsNamed() {
        Path file = folder.resolve("none/pid");
        assertEquals(
                "cannot create PID file: Could not create '"
                        + file
                        + "': No such file or directory",
                assertThrows(StartException.class, () -> PidFile.write(file)).getMessage());
    }
}
