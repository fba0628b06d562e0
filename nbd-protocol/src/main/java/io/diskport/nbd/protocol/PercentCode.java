package io.diskport.nbd.protocol;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Percent-encoding of parts of URIs, as UTF-8 (RFC 3986, section 2.1). */
final class PercentCode {
    // beside letters and digits; sub-delims are left out where a reader could take one for syntax
    static final String HOST = "-._~";
    static final String IPV6 = HOST + ":";
    static final String PATH = HOST + "!$&'()*+,;=:@/";
    static final String QUERY = HOST + "/:@,";

    private static final String DIGITS = "0123456789ABCDEF";

    private PercentCode() {}

    /** The text with all but ASCII letters, digits and the given characters encoded. */
    static String encode(String text, String kept) {
        StringBuilder encoded = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean plain = c < 128 && (Character.isLetterOrDigit(c) || kept.indexOf(c) >= 0);
            if (plain) {
                encoded.append(c);
            } else {
                encoded.append('%').append(DIGITS.charAt(c >> 4)).append(DIGITS.charAt(c & 15));
            }
        }
        return encoded.toString();
    }

    /**
     * The text that an encoded one means; a plus is a plus.
     *
     * @throws IllegalArgumentException if it is not well-formed, with a message for people
     */
    static String decode(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream decoded = new ByteArrayOutputStream(bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] != '%') {
                decoded.write(bytes[i]);
                continue;
            }
            int high = i + 2 < bytes.length ? Character.digit(bytes[i + 1], 16) : -1;
            int low = high < 0 ? -1 : Character.digit(bytes[i + 2], 16);
            if (low < 0) {
                throw new IllegalArgumentException(
                        "% has to be followed by two hexadecimal digits (itself it is %25)");
            }
            decoded.write(high << 4 | low);
            i += 2;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(decoded.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("what its % signs encode is not UTF-8", e);
        }
    }
}
