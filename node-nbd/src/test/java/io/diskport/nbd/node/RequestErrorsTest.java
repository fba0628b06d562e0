package io.diskport.nbd.node;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.diskport.api.Errno;
import io.diskport.api.node.BlockNode;
import io.diskport.nbd.protocol.Nbd;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Errors that a server gives to requests. */
class RequestErrorsTest extends NodeTests {
    @ParameterizedTest
    @CsvSource({
        "EPERM, EPERM",
        "EIO, EIO",
        "ENOMEM, ENOMEM",
        "EINVAL, EINVAL",
        "ENOSPC, ENOSPC",
        "ESHUTDOWN, ESHUTDOWN"
    })
    void numbersAreThoseOfTheServer(String given, Errno expected) throws Exception {
        later(
                ServerProcess.nbdkit(
                        socket(),
                        "--filter=error",
                        "memory",
                        "1M",
                        "error=" + given,
                        "error-pread-rate=100%",
                        "error-zero-rate=100%"));
        BlockNode node = open(TestOptions.unix(socket(), ""));
        String message = fails(expected, () -> read(node, 1000, 24));
        assertEquals(
                "Failed to read 24 bytes at offset 1000 of 'nbd+unix:///?socket="
                        + socket()
                        + "': "
                        + expected.text(),
                message);
        fails(expected, () -> node.writeZeroes(0, 512, 0));
        write(node, 0, new byte[] {1});
        assertEquals("connected", node.info().get("connection"));
    }

    private BlockNode answering(int... errors) throws Exception {
        MiniServer server =
                server(
                        c -> {
                            c.negotiate(Dialect.SIMPLE, 4096, Nbd.FLAG_SEND_FLUSH);
                            for (int error : errors) {
                                c.simple(c.next().cookie(), error);
                            }
                            c.awaitEnd();
                        });
        return open(server.options());
    }

    @Test
    void numbersThatNoServerHereGivesAreKnownToo() throws Exception {
        BlockNode node = answering(Nbd.EOVERFLOW, Nbd.ENOTSUP, 12345, -1);
        fails(Errno.EOVERFLOW, () -> read(node, 0, 1));
        fails(Errno.EOPNOTSUPP, () -> read(node, 0, 1));
        fails(Errno.EINVAL, () -> read(node, 0, 1));
        assertSays(fails(Errno.EINVAL, node::flush), "Failed to flush 'nbd+unix:///disk");
    }

    @Test
    void whatTheServerSaysIsPassedOn() throws Exception {
        MiniServer server =
                server(
                        c -> {
                            c.negotiate(Dialect.STRUCTURED, 4096, 0);
                            var request = c.next();
                            c.data(request, false, request.offset(), new byte[100]);
                            c.error(request, false, Nbd.ENOMEM, "bad\nblock");
                            c.error(request, false, Nbd.EIO, "another");
                            c.none(request);
                            var next = c.next();
                            c.chunk(
                                    next,
                                    Nbd.REPLY_TYPE_ERROR_OFFSET,
                                    true,
                                    out -> {
                                        out.writeInt(Nbd.EIO);
                                        out.writeShort(4);
                                        out.writeBytes("here");
                                        out.writeLong(next.offset() + 3);
                                    });
                            c.data(c.next(), true, 0, (byte) 9);
                            c.awaitEnd();
                        });
        BlockNode node = open(server.options());
        assertSays(
                fails(Errno.ENOMEM, () -> read(node, 8, 512)),
                "Failed to read 512 bytes at offset 8",
                "Cannot allocate memory (bad block)");
        assertSays(fails(Errno.EIO, () -> read(node, 8, 512)), "(here)");
        assertArrayEquals(new byte[] {9}, read(node, 0, 1));
    }

    @Test
    void chunksMayComeInAnyOrder() throws Exception {
        byte[] expected = random(1000, 3);
        java.util.Arrays.fill(expected, 100, 300, (byte) 0);
        MiniServer server =
                server(
                        c -> {
                            c.negotiate(Dialect.STRUCTURED, 4096, 0);
                            var first = c.next();
                            var second = c.next();
                            c.data(first, false, first.offset() + 300, part(expected, 300, 1000));
                            c.data(second, false, second.offset(), part(expected, 0, 100));
                            c.hole(first, false, first.offset() + 100, 200);
                            c.data(second, false, second.offset() + 300, part(expected, 300, 1000));
                            c.hole(second, true, second.offset() + 100, 200);
                            c.data(first, true, first.offset(), part(expected, 0, 100));
                            c.awaitEnd();
                        });
        BlockNode node = open(server.options());
        var one = async(() -> read(node, 10, 1000));
        var two = async(() -> vectored(node, 20));
        assertArrayEquals(expected, get(one));
        assertArrayEquals(expected, get(two));
    }

    private static byte[] part(byte[] bytes, int from, int to) {
        return java.util.Arrays.copyOfRange(bytes, from, to);
    }

    /** A read into buffers whose ends are not those of the chunks. */
    private static byte[] vectored(BlockNode node, long offset) throws IOException {
        byte[] bytes = new byte[1000];
        var buffers = new java.nio.ByteBuffer[4];
        int[] ends = {50, 50, 400, 1000};
        for (int i = 0; i < 4; i++) {
            int from = i == 0 ? 0 : ends[i - 1];
            buffers[i] = java.nio.ByteBuffer.wrap(bytes, from, ends[i] - from);
        }
        node.read(offset, buffers, 0, 4);
        return bytes;
    }
}
