package io.diskport.tls.psk;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.support.tls.CredentialFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * A file of users and keys, a line each, {@code USER:KEY-IN-HEX}. It is read whenever it is asked,
 * so that users can be added and removed while connections are served.
 *
 * @param path where it is
 */
record PskFile(Path path) {
    static final String NAME = "keys.psk";

    /**
     * The keys by their users; at least one.
     *
     * @throws BlockException naming the file, and the line if one is wrong
     */
    Map<String, byte[]> keys() throws BlockException {
        Map<String, byte[]> keys = new HashMap<>();
        List<String> lines = content().lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty()) {
                // A name may have colons; a key has none.
                int colon = line.lastIndexOf(':');
                byte[] key = key(i + 1, colon < 1 ? "" : line.substring(colon + 1));
                if (keys.putIfAbsent(line.substring(0, colon), key) != null) {
                    throw wrong(i + 1, "names a user that a line before it names");
                }
            }
        }
        if (keys.isEmpty()) {
            throw new BlockException(
                    Reason.INVALID,
                    "'" + path + "' has no key; make one: psktool -u USER -p '" + path + "'");
        }
        return keys;
    }

    /**
     * The key of one user.
     *
     * @throws BlockException also if there is none
     */
    byte[] key(String user) throws BlockException {
        byte[] key = keys().get(user);
        if (key == null) {
            throw new BlockException(
                    Reason.NOT_FOUND,
                    "Username "
                            + user
                            + " not found in PSK file "
                            + path
                            + "; see option 'username'");
        }
        return key;
    }

    void warnIfReadableByAll(System.Logger log) {
        try {
            if (Files.getPosixFilePermissions(path).contains(PosixFilePermission.OTHERS_READ)) {
                log.log(
                        System.Logger.Level.WARNING,
                        "The keys in '"
                                + path
                                + "' can be read by everybody: chmod o-r '"
                                + path
                                + "'");
            }
        } catch (IOException | UnsupportedOperationException e) {
            // It was read a moment ago; who else can is not worth a refusal.
            log.log(System.Logger.Level.DEBUG, "Permissions of '" + path + "' are unknown", e);
        }
    }

    private byte[] key(int line, String hex) throws BlockException {
        byte[] key;
        try {
            key = HexFormat.of().parseHex(hex);
        } catch (IllegalArgumentException e) {
            // The parser's message would show a part of the key.
            key = new byte[0];
        }
        if (key.length == 0) {
            throw wrong(line, "is not USER:KEY-IN-HEX");
        }
        return key;
    }

    private BlockException wrong(int line, String what) {
        return new BlockException(Reason.INVALID, "Line " + line + " of '" + path + "' " + what);
    }

    private String content() throws BlockException {
        byte[] content =
                CredentialFile.read(path)
                        .orElseThrow(
                                () ->
                                        new BlockException(
                                                Reason.INVALID,
                                                "'"
                                                        + path
                                                        + "' has no keys: it is longer than 1 MiB"));
        return new String(content, StandardCharsets.UTF_8);
    }
}
