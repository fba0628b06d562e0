package io.diskport.nbd.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Addresses of exports as people write them. */
class NbdUriTest {
    private static NbdUri tcp(boolean tls, String host, int port, String name) {
        return new NbdUri(tls, Optional.empty(), host, port, name);
    }

    private static NbdUri unix(boolean tls, String path, String name) {
        return new NbdUri(tls, Optional.of(Path.of(path)), "", Nbd.DEFAULT_PORT, name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nbd://example.com",
                "nbd://example.com/disk",
                "nbds://example.com:1234/disk",
                "nbd://example.com//disk",
                "nbd://example.com/a/b",
                "nbd://example.com/hello%20world",
                "nbd://example.com/50%25%3F%23",
                "nbd://example.com/%C3%A4%F0%9F%92%BE",
                "nbd://127.0.0.1:1/a+b",
                "nbd://[::1]/disk",
                "nbd://[fe80::1%25eth0]:10810",
                "nbd+unix:///?socket=/tmp/nbd.sock",
                "nbd+unix:///disk?socket=nbd.sock",
                "nbds+unix:////x?socket=/a%20b/%26%3D%25%2B"
            })
    void whatIsParsedIsPrintedTheSame(String text) {
        assertEquals(text, NbdUri.parse(text).toString());
    }

    @Test
    void partsAreDecoded() {
        assertEquals(tcp(false, "example.com", 10809, ""), NbdUri.parse("nbd://example.com/"));
        assertEquals(tcp(false, "h", 10809, "/disk"), NbdUri.parse("nbd://h//disk"));
        assertEquals(tcp(true, "h", 5, "hello world"), NbdUri.parse("NBDS://h:5/hello%20world"));
        assertEquals(tcp(false, "::1", 10809, "ä+"), NbdUri.parse("nbd://[::1]:10809/%c3%A4+"));
        assertEquals(tcp(false, "fe80::1%eth0", 1, ""), NbdUri.parse("nbd://[fe80::1%25eth0]:1"));
        assertEquals(unix(false, "/t/x", ""), NbdUri.parse("nbd+unix://?socket=/t/x"));
        assertEquals(unix(true, "/a b&c", "d?"), NbdUri.parse("nbds+unix:///d%3f?socket=/a b%26c"));
    }

    @Test
    void withoutAHostItIsThisOne() {
        assertEquals(tcp(false, "localhost", 10809, "disk"), NbdUri.parse("nbd:///disk"));
        assertEquals(tcp(false, "localhost", 99, ""), NbdUri.parse("nbd://:99"));
    }

    @Test
    void theDefaultPortIsLeftOut() {
        assertEquals("nbd://localhost", tcp(false, "localhost", 10809, "").toString());
        assertEquals("nbd://localhost:10810", tcp(false, "localhost", 10810, "").toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
                    ""                            | begin with nbd:
                    localhost                     | begin with nbd:
                    http://localhost              | begin with nbd:
                    nbd+vsock://2                 | begin with nbd:
                    nbd:localhost:10809           | followed by '//'
                    nbd://h:0                     | not 0
                    nbd://h:65536                 | not 65536
                    nbd://h:x                     | not 'x'
                    nbd://h:-1                    | not -1
                    nbd://::1                     | [::1]
                    nbd://[::1                    | not closed
                    nbd://[::1]x                  | brackets
                    nbd://[host]                  | brackets
                    nbd://h/%2                    | hexadecimal
                    nbd://h/%zz                   | hexadecimal
                    nbd://h/%ff                   | UTF-8
                    nbd://h/%00                   | NUL
                    nbd://h/a#b                   | %23
                    nbd://alice@h/                | user
                    nbd://h/?socket=/x            | only nbd+unix:
                    nbd://h/?color=red            | 'color' is not known
                    nbd+unix:///disk              | ?socket=/path
                    nbd+unix:///disk?socket=      | ?socket=/path
                    nbd+unix://h/disk?socket=/x   | no host
                    nbd+unix:///?socket=a&socket=b | twice
                    nbd+unix:///?socket=/x%00     | path
                    """)
    void whatIsWrongIsSaid(String text, String part) {
        String message =
                assertThrows(IllegalArgumentException.class, () -> NbdUri.parse(text)).getMessage();
        assertTrue(message.startsWith("Wrong NBD URI '" + text + "': "), message);
        assertTrue(message.contains(part), message);
    }

    @Test
    void aNameIsAsLongAsTheProtocolPermits() {
        String longest = "ä".repeat(2048);
        assertEquals(longest, NbdUri.parse(tcp(false, "h", 1, longest).toString()).exportName());
        assertThrows(IllegalArgumentException.class, () -> tcp(false, "h", 1, longest + "x"));
    }
}
