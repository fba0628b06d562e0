package io.diskport.nbd.node;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.Errno;
import io.diskport.api.node.BlockNode;
import io.diskport.api.node.RequestFlags;
import io.diskport.nbd.node.Conversation.Message;
import io.diskport.nbd.protocol.Nbd;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is asked of a server, by what it offers. */
class FallbacksTest extends NodeTests {
    private static final int SIZE = 1 << 20;
    private static final int ALL =
            Nbd.FLAG_SEND_FLUSH
                    | Nbd.FLAG_SEND_FUA
                    | Nbd.FLAG_SEND_TRIM
                    | Nbd.FLAG_SEND_WRITE_ZEROES
                    | Nbd.FLAG_SEND_FAST_ZERO
                    | Nbd.FLAG_SEND_CACHE
                    | Nbd.FLAG_SEND_RESIZE;

    private final List<Message> requests = new CopyOnWriteArrayList<>();
    private MiniServer server;

    /** A node on a server that offers so much and answers everything with success. */
    private BlockNode offering(int flags) throws Exception {
        server =
                server(
                        c -> {
                            c.negotiate(Dialect.SIMPLE, SIZE, flags);
                            while (true) {
                                Message request = c.next();
                                requests.add(request);
                                c.simple(request.cookie(), 0);
                            }
                        });
        return open(server.options());
    }

    @AfterEach
    void theServerWasNotSurprised() {
        assertNull(server.failure());
    }

    private void assertAsked(String... expected) {
        List<String> asked =
                requests.stream()
                        .map(
                                r ->
                                        NbdErrors.verb(r.type())
                                                + " "
                                                + r.offset()
                                                + "+"
                                                + r.length()
                                                + " flags "
                                                + r.flags())
                        .toList();
        assertEquals(List.of(expected), asked);
    }

    @Test
    void whatIsOfferedIsAskedFor() throws Exception {
        BlockNode node = offering(ALL);
        node.write(0, RequestFlags.FUA, java.nio.ByteBuffer.allocate(512));
        node.discard(512, 1024, 0);
        node.writeZeroes(0, 4096, RequestFlags.FUA);
        node.writeZeroes(0, 4096, RequestFlags.NO_UNMAP);
        node.writeZeroes(0, 4096, RequestFlags.NO_FALLBACK);
        node.prefetch(10, 20);
        node.flush();
        assertAsked(
                "write 0+512 flags 1",
                "discard 512+1024 flags 0",
                "zero 0+4096 flags 1",
                "zero 0+4096 flags 2",
                "zero 0+4096 flags 16",
                "prefetch 10+20 flags 0",
                "flush 0+0 flags 0");
    }

    @Test
    void durableWritesAreFlushedWhereThatIsAllThereIs() throws Exception {
        BlockNode node = offering(Nbd.FLAG_SEND_FLUSH | Nbd.FLAG_SEND_WRITE_ZEROES);
        node.write(0, RequestFlags.FUA, java.nio.ByteBuffer.allocate(512));
        java.nio.ByteBuffer[] two = {
            java.nio.ByteBuffer.allocate(1), java.nio.ByteBuffer.allocate(2)
        };
        node.write(0, RequestFlags.FUA, two, 0, 2);
        node.writeZeroes(0, 512, RequestFlags.FUA);
        node.write(0, 0, java.nio.ByteBuffer.allocate(512));
        assertAsked(
                "write 0+512 flags 0",
                "flush 0+0 flags 0",
                "write 0+3 flags 0",
                "flush 0+0 flags 0",
                "zero 0+512 flags 0",
                "flush 0+0 flags 0",
                "write 0+512 flags 0");
    }

    @Test
    void zeroesAreWrittenWhereTheyCannotBeAskedFor() throws Exception {
        BlockNode node = offering(Nbd.FLAG_SEND_FUA);
        node.writeZeroes(1, 300_000, RequestFlags.FUA | RequestFlags.NO_UNMAP);
        assertAsked("write 1+262144 flags 1", "write 262145+37856 flags 1");
        for (Message request : requests) {
            assertArrayEquals(new byte[(int) request.length()], request.payload());
        }
    }

    @Test
    void whatIsNotOfferedIsLeftOutOrRefused() throws Exception {
        BlockNode node = offering(Nbd.FLAG_SEND_WRITE_ZEROES);
        node.discard(0, 4096, 0);
        node.prefetch(0, 4096);
        node.flush();
        fails(Errno.EOPNOTSUPP, () -> node.writeZeroes(0, 512, RequestFlags.NO_FALLBACK));
        fails(Errno.EOPNOTSUPP, () -> node.truncate(5));
        assertTrue(requests.isEmpty());
    }

    @Test
    void nothingIsAskedForNothing() throws Exception {
        BlockNode node = offering(ALL);
        write(node, 0);
        assertEquals(0, read(node, 0, 0).length);
        node.write(0, 0, new java.nio.ByteBuffer[] {java.nio.ByteBuffer.allocate(0)}, 0, 1);
        node.writeZeroes(0, 0, 0);
        node.truncate(SIZE);
        assertTrue(requests.isEmpty());
    }

    @Test
    void aNewLengthGoesWhereOffsetsGo() throws Exception {
        BlockNode node = offering(ALL);
        node.truncate(SIZE * 2);
        assertAsked("resize 2097152+0 flags 0");
        assertEquals(SIZE * 2, node.length());
    }
}
