package io.diskport.tls.psk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.BlockException;
import io.diskport.api.object.TlsCredentials;
import io.diskport.api.object.TlsCredentials.Endpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read from a file of keys, and what is said of one that cannot be used. */
class PskCredentialsDriverTest {
    @TempDir Path folder;

    @Test
    void saysWhatItIs() throws Exception {
        TlsCredentials credentials = Ends.server(Ends.keys(folder, "qemu:00ff", "", "b:AA"));
        assertEquals(Endpoint.SERVER, credentials.endpoint());
        assertEquals("2", credentials.info().get("users"));
        assertTrue(new PskCredentialsDriver().contract().isInstance(credentials));
    }

    @Test
    void missingFileIsNamed() {
        assertEquals(
                "Unable to access credentials "
                        + folder.resolve("keys.psk")
                        + ": No such file or directory",
                refusal(folder, "qemu"));
    }

    @Test
    void userWithoutKeyIsNamed() throws Exception {
        Path directory = Ends.keys(folder, "alice:00");
        assertEquals(
                "Username qemu not found in PSK file "
                        + directory.resolve("keys.psk")
                        + "; see option 'username'",
                refusal(directory, "qemu"));
    }

    @Test
    void emptyFileIsRefused() throws Exception {
        Path directory = Ends.keys(folder, "");
        Path file = directory.resolve("keys.psk");
        assertEquals(
                "'" + file + "' has no key; make one: psktool -u USER -p '" + file + "'",
                refusal(directory, "qemu"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"qemu", "qemu:", "qemu:xyz", "qemu:abc", ":aa"})
    void wrongLineIsNamedWithoutItsKey(String line) throws Exception {
        Path directory = Ends.keys(folder, "alice:00", line);
        assertEquals(
                "Line 2 of '" + directory.resolve("keys.psk") + "' is not USER:KEY-IN-HEX",
                refusal(directory, "qemu"));
    }

    @Test
    void userWithTwoKeysIsRefused() throws Exception {
        Path directory = Ends.keys(folder, "qemu:00", "qemu:01");
        assertEquals(
                "Line 2 of '"
                        + directory.resolve("keys.psk")
                        + "' names a user that a line before it names",
                refusal(directory, "qemu"));
    }

    @Test
    void emptyUserIsRefused() {
        assertEquals(
                "Option 'username' cannot be empty",
                assertThrows(IllegalArgumentException.class, () -> Ends.client(folder, ""))
                        .getMessage());
    }

    @Test
    void keysThatEverybodyCanReadAreWarnedOf() throws Exception {
        Path directory = Ends.keys(folder, "qemu:00");
        Path file = directory.resolve("keys.psk");
        List<String> logged = new ArrayList<>();
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        Ends.create(directory, Endpoint.SERVER, "qemu", logged);
        assertTrue(logged.isEmpty());
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        Ends.create(directory, Endpoint.SERVER, "qemu", logged);
        assertEquals(
                List.of(
                        "WARNING The keys in '"
                                + file
                                + "' can be read by everybody: chmod o-r '"
                                + file
                                + "'"),
                logged);
    }

    private static String refusal(Path directory, String username) {
        String message =
                assertThrows(BlockException.class, () -> Ends.client(directory, username))
                        .getMessage();
        assertFalse(message.contains("\n"));
        return message;
    }
}
