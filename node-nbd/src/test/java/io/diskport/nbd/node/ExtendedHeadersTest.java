package io.diskport.nbd.node;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.diskport.api.Errno;
import io.diskport.api.node.BlockNode;
import io.diskport.api.node.Extent;
import io.diskport.nbd.node.Conversation.Message;
import io.diskport.nbd.protocol.Nbd;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Extended headers, which no server that is installed here speaks. */
class ExtendedHeadersTest extends NodeTests {
    private static final int SIZE = 1 << 20;

    /** A small server in memory, which answers reads in pieces of random order. */
    private static void serve(Conversation c, byte[] disk) throws IOException {
        c.negotiate(Dialect.EXTENDED, disk.length, Nbd.FLAG_SEND_WRITE_ZEROES);
        Random random = new Random(5);
        while (true) {
            Message request = c.next();
            int from = (int) request.offset();
            int to = from + (int) request.length();
            switch (request.type()) {
                case Nbd.CMD_READ -> answer(c, request, disk, random);
                case Nbd.CMD_WRITE -> {
                    System.arraycopy(request.payload(), 0, disk, from, to - from);
                    c.none(request);
                }
                case Nbd.CMD_WRITE_ZEROES -> {
                    Arrays.fill(disk, from, to, (byte) 0);
                    c.none(request);
                }
                default -> c.error(request, true, Nbd.EINVAL, "what is that?");
            }
        }
    }

    private static void answer(Conversation c, Message request, byte[] disk, Random random)
            throws IOException {
        int from = (int) request.offset();
        int end = from + (int) request.length();
        List<int[]> pieces = new ArrayList<>();
        while (from < end) {
            int to = Math.min(end, from + 1 + random.nextInt(5000));
            pieces.add(new int[] {from, to});
            from = to;
        }
        Collections.shuffle(pieces, random);
        for (int i = 0; i < pieces.size(); i++) {
            int start = pieces.get(i)[0];
            byte[] piece = Arrays.copyOfRange(disk, start, pieces.get(i)[1]);
            boolean last = i == pieces.size() - 1;
            if (Arrays.equals(piece, new byte[piece.length])) {
                c.hole(request, last, start, piece.length);
            } else {
                c.data(request, last, start, piece);
            }
        }
    }

    @Test
    void whatIsWrittenIsReadBack() throws Exception {
        byte[] disk = new byte[SIZE];
        MiniServer server = server(c -> serve(c, disk));
        BlockNode node = open(server.options());
        assertEquals("extended headers", node.info().get("protocol"));
        List<Future<byte[]>> shares = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int base = i * SIZE / 4;
            shares.add(async(() -> randomRequests(node, base)));
        }
        for (int i = 0; i < 4; i++) {
            byte[] expected = get(shares.get(i));
            assertArrayEquals(expected, read(node, i * SIZE / 4, expected.length));
        }
        assertNull(server.failure());
    }

    private static byte[] randomRequests(BlockNode node, int base) throws IOException {
        Random random = new Random(base);
        byte[] model = new byte[SIZE / 4];
        for (int i = 0; i < 60; i++) {
            int from = random.nextInt(model.length);
            int to = from + 1 + random.nextInt(Math.min(60_000, model.length - from));
            if (random.nextInt(3) == 0) {
                node.writeZeroes(base + from, to - from, 0);
                Arrays.fill(model, from, to, (byte) 0);
            } else {
                byte[] data = random(to - from, random.nextLong());
                write(node, base + from, data);
                System.arraycopy(data, 0, model, from, data.length);
            }
            assertArrayEquals(
                    Arrays.copyOfRange(model, from, to), read(node, base + from, to - from));
        }
        return model;
    }

    @Test
    void statusComesInEitherForm() throws Exception {
        long size = 1L << 50;
        MiniServer server =
                server(
                        c -> {
                            c.negotiate(Dialect.EXTENDED, size, 0);
                            c.chunk(
                                    c.next(),
                                    Nbd.REPLY_TYPE_BLOCK_STATUS_EXT,
                                    true,
                                    out -> {
                                        out.writeInt(Conversation.CONTEXT);
                                        out.writeInt(2);
                                        out.writeLong(4096);
                                        out.writeLong(Nbd.STATE_HOLE);
                                        out.writeLong(4096);
                                        out.writeLong(0);
                                    });
                            c.chunk(
                                    c.next(),
                                    Nbd.REPLY_TYPE_BLOCK_STATUS,
                                    true,
                                    out -> {
                                        out.writeInt(Conversation.CONTEXT);
                                        out.writeInt(1 << 31);
                                        out.writeInt(Nbd.STATE_ZERO);
                                    });
                            c.chunk(
                                    c.next(),
                                    Nbd.REPLY_TYPE_BLOCK_STATUS_EXT,
                                    true,
                                    out -> {
                                        out.writeInt(Conversation.CONTEXT);
                                        out.writeInt(1);
                                        out.writeLong(-1);
                                        out.writeLong(0);
                                    });
                            c.awaitEnd();
                        });
        BlockNode node = open(server.options());
        assertEquals(new Extent(4096, true, false, 0), node.status(0, size));
        // an extent may go on behind what was asked for
        assertEquals(new Extent(1000, false, true, 1), node.status(0, 1000));
        assertEquals(Extent.data(1000), node.status(0, 1000));
        assertNull(server.failure());
    }

    @Test
    void errorsHaveTexts() throws Exception {
        MiniServer server = server(c -> serve(c, new byte[SIZE]));
        BlockNode node = open(server.options());
        assertSays(fails(Errno.EINVAL, () -> node.status(0, 4096)), "(what is that?)");
        assertArrayEquals(new byte[1], read(node, 0, 1));
    }
}
