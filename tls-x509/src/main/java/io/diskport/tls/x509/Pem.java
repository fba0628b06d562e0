package io.diskport.tls.x509;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.support.tls.CredentialFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * A block of a PEM file (RFC 7468); text around blocks, as certtool writes it, is skipped.
 *
 * @param label what it says it is: {@code CERTIFICATE}
 * @param der the content; empty if it was encrypted the old way (RFC 1421)
 * @param encrypted whether it was
 */
record Pem(String label, byte[] der, boolean encrypted) {
    private static final String BEGIN = "-----BEGIN ";
    private static final String DASHES = "-----";

    /**
     * The blocks of a file in their order.
     *
     * @throws BlockException naming the file, if it cannot be read or a block is damaged
     */
    static List<Pem> read(Path file) throws BlockException {
        String text = content(file);
        List<Pem> blocks = new ArrayList<>();
        int at = text.indexOf(BEGIN);
        while (at >= 0) {
            int label = at + BEGIN.length();
            int body = text.indexOf(DASHES, label);
            String name = body < 0 ? "" : text.substring(label, body);
            int end = text.indexOf("-----END " + name + DASHES, label);
            if (body < 0 || end < body) {
                throw damaged(file, "a block has a beginning and no end");
            }
            blocks.add(block(file, name, text.substring(body + DASHES.length(), end)));
            at = text.indexOf(BEGIN, end);
        }
        return blocks;
    }

    private static Pem block(Path file, String label, String body) throws BlockException {
        if (body.contains("Proc-Type:")) {
            return new Pem(label, new byte[0], true);
        }
        try {
            byte[] der = Base64.getDecoder().decode(body.replaceAll("\\s", ""));
            return new Pem(label, der, false);
        } catch (IllegalArgumentException e) {
            // The decoder's message would show a part of a key.
            throw damaged(file, "block '" + label + "' is not base64");
        }
    }

    private static String content(Path file) throws BlockException {
        byte[] content =
                CredentialFile.read(file)
                        .orElseThrow(() -> damaged(file, "it is longer than 1 MiB"));
        return new String(content, StandardCharsets.ISO_8859_1);
    }

    private static BlockException damaged(Path file, String why) {
        return new BlockException(
                Reason.INVALID, "'" + file + "' is no PEM file that can be used: " + why);
    }
}
