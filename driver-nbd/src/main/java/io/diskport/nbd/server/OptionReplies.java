package io.diskport.nbd.server;

import io.diskport.nbd.protocol.Nbd;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** The answers to one option, to be sent together (section "Option reply types"). */
final class OptionReplies {
    private static final int LONGEST_MESSAGE = 1024;

    private final List<byte[]> parts = new ArrayList<>();

    void ack(int option) {
        put(option, Nbd.REP_ACK, new byte[0]);
    }

    void error(int option, int error, String message) {
        put(option, error, Reply.Texts.cut(message, LONGEST_MESSAGE));
    }

    /** One export of a LIST. */
    void server(String name, String description) {
        byte[] bytes = utf8(name);
        byte[] more = utf8(description);
        ByteBuffer data = ByteBuffer.allocate(Integer.BYTES + bytes.length + more.length);
        put(Nbd.OPT_LIST, Nbd.REP_SERVER, data.putInt(bytes.length).put(bytes).put(more).array());
    }

    /** What a client of INFO or GO wants to know of an export; its size and flags in any case. */
    void info(int option, NbdExport export, Agreement agreement, ByteBuffer wanted) {
        // Each once, however often it is asked for.
        BitSet types = new BitSet();
        while (wanted.hasRemaining()) {
            types.set(wanted.getShort() & 0xffff);
        }
        if (types.get(Nbd.INFO_NAME)) {
            info(option, Nbd.INFO_NAME, utf8(export.name()));
        }
        if (types.get(Nbd.INFO_DESCRIPTION) && !export.description().isEmpty()) {
            info(option, Nbd.INFO_DESCRIPTION, utf8(export.description()));
        }
        if (types.get(Nbd.INFO_BLOCK_SIZE)) {
            ByteBuffer sizes = ByteBuffer.allocate(3 * Integer.BYTES);
            sizes.putInt(1).putInt(export.preferredLength()).putInt(Nbd.MAX_PAYLOAD);
            info(option, Nbd.INFO_BLOCK_SIZE, sizes.array());
        }
        ByteBuffer data = ByteBuffer.allocate(Long.BYTES + Short.BYTES);
        data.putLong(export.length()).putShort((short) agreement.features());
        info(option, Nbd.INFO_EXPORT, data.array());
    }

    private void info(int option, int type, byte[] value) {
        ByteBuffer data = ByteBuffer.allocate(Short.BYTES + value.length);
        put(option, Nbd.REP_INFO, data.putShort((short) type).put(value).array());
    }

    /** The metadata contexts that are there, or that were chosen. */
    void contexts(int option, int chosen, boolean list) {
        for (MetaContext context : MetaContext.values()) {
            if ((chosen & context.bit()) != 0) {
                byte[] label = utf8(context.label());
                ByteBuffer data = ByteBuffer.allocate(Integer.BYTES + label.length);
                put(
                        option,
                        Nbd.REP_META_CONTEXT,
                        data.putInt(list ? 0 : context.id()).put(label).array());
            }
        }
    }

    private void put(int option, int type, byte[] data) {
        ByteBuffer reply = ByteBuffer.allocate(20 + data.length);
        reply.putLong(Nbd.REP_MAGIC).putInt(option).putInt(type).putInt(data.length).put(data);
        parts.add(reply.array());
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** All of them, ready to be sent, and none are left. */
    ByteBuffer take() {
        ByteBuffer all = ByteBuffer.allocate(parts.stream().mapToInt(part -> part.length).sum());
        parts.forEach(all::put);
        parts.clear();
        return all.flip();
    }
}
