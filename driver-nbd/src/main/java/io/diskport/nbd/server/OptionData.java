package io.diskport.nbd.server;

import io.diskport.nbd.protocol.Nbd;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Takes options' data apart, and cannot be talked out of its bounds (section "Option types"). */
final class OptionData {
    private OptionData() {}

    /** A string with its length before it; empty if it is malformed. */
    static Optional<String> name(ByteBuffer data) {
        if (data.remaining() < Integer.BYTES) {
            return Optional.empty();
        }
        return text(data, data.getInt());
    }

    /** A string of a length; empty if it is too long, or has a NUL. */
    static Optional<String> text(ByteBuffer data, int length) {
        if (length < 0 || length > Math.min(Nbd.MAX_STRING, data.remaining())) {
            return Optional.empty();
        }
        byte[] bytes = new byte[length];
        data.get(bytes);
        for (byte b : bytes) {
            if (b == 0) {
                return Optional.empty();
            }
        }
        try {
            // Strictly: two names that differ must not become one.
            return Optional.of(
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    /** A name for messages: not too long, and nothing that a terminal would obey. */
    static String shown(String name) {
        String cut = name.length() > 80 ? name.substring(0, 80) + "..." : name;
        return cut.replaceAll("\\p{Cntrl}", "?");
    }

    /** The contexts that queries mean, as bits; empty if the queries are malformed. */
    static Optional<Integer> contexts(NbdExport export, ByteBuffer data, boolean list) {
        int count = data.getInt();
        int chosen = 0;
        if (count == 0 && list) {
            for (MetaContext context : MetaContext.of(export)) {
                chosen |= context.bit();
            }
        }
        for (int i = 0; i != count; i++) {
            Optional<String> query = name(data);
            if (query.isEmpty()) {
                return Optional.empty();
            }
            for (MetaContext context : MetaContext.matching(export, query.get(), list)) {
                chosen |= context.bit();
            }
        }
        return data.hasRemaining() ? Optional.empty() : Optional.of(chosen);
    }
}
