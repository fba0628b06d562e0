package io.diskport.nbd.protocol;

import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * Where an export is: a server's address and the name of one of its exports (doc/uri.md of the
 * NetworkBlockDevice/nbd project).
 *
 * @param tls whether the connection has to be secured: nbds and nbds+unix
 * @param socket the socket's path for nbd+unix and nbds+unix
 * @param host a name or address, IPv6 without brackets; empty where there is a socket
 * @param port 1 to 65535; {@link Nbd#DEFAULT_PORT} where there is a socket
 * @param exportName the export's name, decoded; empty for the server's default
 */
public record NbdUri(boolean tls, Optional<Path> socket, String host, int port, String exportName) {
    private static final String SOCKET = "socket";

    /** Checks what a server could not be asked for. */
    public NbdUri {
        if (socket.isPresent() != host.isEmpty()) {
            throw new IllegalArgumentException("an NBD server has either a host or a socket");
        }
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("a port is 1 to 65535, and not " + port);
        }
        if (exportName.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("the name of an export cannot contain NUL");
        }
        if (exportName.getBytes(StandardCharsets.UTF_8).length > Nbd.MAX_STRING) {
            throw new IllegalArgumentException(
                    "the name of an export is " + Nbd.MAX_STRING + " bytes at the most");
        }
    }

    /**
     * The address that a text means.
     *
     * @throws IllegalArgumentException if it means none, with a message for people
     */
    public static NbdUri parse(String text) {
        try {
            return parts(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "Wrong NBD URI '" + text + "': " + e.getMessage(), e);
        }
    }

    private static NbdUri parts(String text) {
        int colon = text.indexOf(':');
        String scheme = colon < 0 ? "" : text.substring(0, colon).toLowerCase(Locale.ROOT);
        boolean unix = scheme.endsWith("+unix");
        String base = unix ? scheme.substring(0, scheme.length() - 5) : scheme;
        if (!"nbd".equals(base) && !"nbds".equals(base)) {
            throw new IllegalArgumentException(
                    "it has to begin with nbd:, nbds:, nbd+unix: or nbds+unix:,"
                            + " as in nbd://localhost/disk");
        }
        String rest = text.substring(colon + 1);
        if (rest.indexOf('#') >= 0) {
            throw new IllegalArgumentException("it has a fragment (write # in a name as %23)");
        }
        if (!rest.startsWith("//")) {
            throw new IllegalArgumentException("'" + scheme + ":' has to be followed by '//'");
        }
        int question = rest.indexOf('?');
        String query = question < 0 ? "" : rest.substring(question + 1);
        String hierarchy = question < 0 ? rest.substring(2) : rest.substring(2, question);
        int slash = hierarchy.indexOf('/');
        String authority = slash < 0 ? hierarchy : hierarchy.substring(0, slash);
        String name = slash < 0 ? "" : PercentCode.decode(hierarchy.substring(slash + 1));
        boolean tls = "nbds".equals(base);
        Optional<Path> socket = socket(query, unix);
        if (authority.indexOf('@') >= 0) {
            throw new IllegalArgumentException(
                    "it names a user; who the client is comes from its TLS credentials");
        }
        if (!unix) {
            return server(tls, authority, name);
        }
        if (!authority.isEmpty()) {
            throw new IllegalArgumentException(
                    "a Unix socket has no host; begin with '"
                            + scheme
                            + ":///' and give the path as ?socket=/path");
        }
        return new NbdUri(tls, socket, "", Nbd.DEFAULT_PORT, name);
    }

    private static Optional<Path> socket(String query, boolean unix) {
        String value = null;
        for (String parameter : query.isEmpty() ? new String[0] : query.split("&", -1)) {
            int equals = parameter.indexOf('=');
            String key =
                    PercentCode.decode(equals < 0 ? parameter : parameter.substring(0, equals));
            if (!SOCKET.equals(key) || value != null) {
                throw new IllegalArgumentException(
                        "the parameter '"
                                + key
                                + (value != null && SOCKET.equals(key)
                                        ? "' is there twice"
                                        : "' is not known; only 'socket' is"));
            }
            value = equals < 0 ? "" : PercentCode.decode(parameter.substring(equals + 1));
        }
        if (unix && (value == null || value.isEmpty())) {
            throw new IllegalArgumentException(
                    "the path of the Unix socket is missing: ?socket=/path");
        }
        if (!unix && value != null) {
            throw new IllegalArgumentException(
                    "only nbd+unix: and nbds+unix: take the parameter 'socket'");
        }
        try {
            return Optional.ofNullable(value).map(Path::of);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("the path of the socket is none", e);
        }
    }

    private static NbdUri server(boolean tls, String authority, String name) {
        String host = authority;
        String port = "";
        if (authority.startsWith("[")) {
            int end = authority.indexOf(']');
            if (end < 0) {
                throw new IllegalArgumentException("the bracket of the IPv6 address is not closed");
            }
            host = authority.substring(1, end);
            String after = authority.substring(end + 1);
            if (host.indexOf(':') < 0 || !after.isEmpty() && !after.startsWith(":")) {
                throw new IllegalArgumentException("brackets are for an IPv6 address: [::1]:10809");
            }
            port = after.isEmpty() ? "" : after.substring(1);
        } else if (authority.indexOf(':') >= 0) {
            int colon = authority.indexOf(':');
            host = authority.substring(0, colon);
            port = authority.substring(colon + 1);
            if (port.indexOf(':') >= 0) {
                throw new IllegalArgumentException("an IPv6 address stands in brackets: [::1]");
            }
        }
        String decoded = PercentCode.decode(host);
        return new NbdUri(
                tls,
                Optional.empty(),
                decoded.isEmpty() ? "localhost" : decoded,
                port.isEmpty() ? Nbd.DEFAULT_PORT : port(port),
                name);
    }

    private static int port(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "a port is a number from 1 to 65535, and not '" + text + "'", e);
        }
    }

    /** As it would be typed: {@code nbd://[::1]:10810/disk}, {@code nbd+unix:///disk?socket=/x}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(tls ? "nbds" : "nbd");
        if (socket.isPresent()) {
            return text.append("+unix:///")
                    .append(PercentCode.encode(exportName, PercentCode.PATH))
                    .append("?socket=")
                    .append(PercentCode.encode(socket.get().toString(), PercentCode.QUERY))
                    .toString();
        }
        boolean bracketed = host.indexOf(':') >= 0;
        text.append(bracketed ? "://[" : "://")
                .append(PercentCode.encode(host, bracketed ? PercentCode.IPV6 : PercentCode.HOST))
                .append(bracketed ? "]" : "");
        if (port != Nbd.DEFAULT_PORT) {
            text.append(':').append(port);
        }
        if (!exportName.isEmpty()) {
            text.append('/').append(PercentCode.encode(exportName, PercentCode.PATH));
        }
        return text.toString();
    }
}
