package io.diskport.nbd.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.object.TlsCredentials;
import io.diskport.api.options.ObjectRef;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What options of a node go together. */
class NbdNodeOptionsTest {
    private static final NbdServer INET = new NbdServer.Inet("::1", "10809");
    private static final NbdServer UNIX = new NbdServer.Unix(Path.of("/run/nbd.sock"));

    private static NbdNodeOptions options(
            String uri, NbdServer server, String export, String tls, String hostname) {
        return new NbdNodeOptions(
                Optional.ofNullable(uri),
                Optional.ofNullable(server),
                Optional.ofNullable(export),
                Optional.ofNullable(tls).map(ObjectRef<TlsCredentials>::new),
                Optional.ofNullable(hostname),
                Duration.ZERO,
                Duration.ZERO,
                1);
    }

    private static void refused(
            String part, String uri, NbdServer server, String export, String tls, String hostname) {
        String message =
                assertThrows(
                                IllegalArgumentException.class,
                                () -> options(uri, server, export, tls, hostname))
                        .getMessage();
        assertTrue(message.contains(part), message);
    }

    private static String address(String uri, NbdServer server, String export, String tls) {
        return options(uri, server, export, tls, null).address().toString();
    }

    @Test
    void theAddressIsAUriOrAServerWithAnExport() {
        assertEquals("nbd://h/disk", address("nbd://h/disk", null, null, null));
        assertEquals("nbd://[::1]", address(null, INET, null, null));
        assertEquals("nbd://[::1]/disk", address(null, INET, "disk", null));
        assertEquals("nbd+unix:///a%20b?socket=/run/nbd.sock", address(null, UNIX, "a b", null));
    }

    @Test
    void credentialsMeanTls() {
        assertEquals("nbds://h", address("nbd://h", null, null, "t"));
        assertEquals("nbds://h", address("nbds://h", null, null, "t"));
        assertEquals("nbds+unix:///?socket=/run/nbd.sock", address(null, UNIX, null, "t"));
    }

    @Test
    void whatDoesNotGoTogetherIsRefused() {
        refused("Parameter 'server' is missing", null, null, null, null, null);
        refused("not both", "nbd://h", INET, null, null, null);
        refused("'export' goes with 'server'", "nbd://h", null, "disk", null, null);
        refused("'tls-creds' has to name credentials", "nbds://h", null, null, null, null);
        refused("'tls-hostname' means nothing", "nbd://h", null, null, null, "h");
        refused("Wrong NBD URI 'http://h'", "http://h", null, null, null, null);
        refused("NUL", null, INET, "a\0", null, null);
    }

    @Test
    void numbersAreInRange() {
        for (int connections : new int[] {0, 17}) {
            IllegalArgumentException e =
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> TestOptions.uri("nbd://h").connections(connections).get());
            assertTrue(e.getMessage().contains("it is 1 to 16"), e.getMessage());
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> TestOptions.uri("nbd://h").reconnect(Duration.ofMillis(-1)).get());
        assertThrows(
                IllegalArgumentException.class,
                () -> TestOptions.uri("nbd://h").openTimeout(Duration.ofMillis(-1)).get());
    }
}
