package io.diskport.nbd.node;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.diskport.api.BlockException.Reason;
import io.diskport.api.Errno;
import io.diskport.api.node.BlockNode;
import io.diskport.nbd.node.Conversation.Message;
import io.diskport.nbd.protocol.Nbd;
import java.io.IOException;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a server must not send costs it the connection, with a reason, and nothing else. */
class LyingServerTest extends NodeTests {
    private static final int SIZE = 1 << 20;

    /** Answers a request wrongly. */
    interface Lie {
        void tell(Conversation conversation, Message request) throws IOException;
    }

    private static Arguments lie(String name, Dialect dialect, String reason, Lie lie) {
        return Arguments.of(name, dialect, reason, lie);
    }

    static Stream<Arguments> liesAboutReads() {
        Dialect simple = Dialect.SIMPLE;
        Dialect chunks = Dialect.STRUCTURED;
        Dialect extended = Dialect.EXTENDED;
        return Stream.of(
                lie(
                        "wrong magic",
                        simple,
                        "begins with 0x12345678",
                        (c, r) ->
                                c.send(
                                        out -> {
                                            out.writeInt(0x12345678);
                                            out.writeInt(0);
                                            out.writeLong(r.cookie());
                                        })),
                lie(
                        "unknown cookie",
                        simple,
                        "which no request has",
                        (c, r) -> c.simple(r.cookie() + 1, 0, new byte[512])),
                lie(
                        "cookie of another time",
                        simple,
                        "which no request has",
                        (c, r) -> c.simple(r.cookie() + InFlight.SLOTS, 0, new byte[512])),
                lie(
                        "chunk nobody agreed on",
                        simple,
                        "connection of simple replies",
                        (c, r) -> c.data(r, true, r.offset(), new byte[512])),
                lie(
                        "read without chunks",
                        chunks,
                        "answered without chunks",
                        (c, r) -> c.simple(r.cookie(), 0, new byte[512])),
                lie(
                        "simple reply among extended ones",
                        extended,
                        "connection of extended headers",
                        (c, r) -> c.simple(r.cookie(), Nbd.EIO)),
                lie(
                        "chunk before the range",
                        chunks,
                        "512 bytes at 4095 answer a read of 512 bytes at 4096",
                        (c, r) -> c.data(r, true, r.offset() - 1, new byte[512])),
                lie(
                        "chunk past the range",
                        chunks,
                        "512 bytes at 4097",
                        (c, r) -> c.data(r, true, r.offset() + 1, new byte[512])),
                lie(
                        "chunk at an offset of 64 bits",
                        chunks,
                        "1 bytes at 18446744073709551615",
                        (c, r) -> c.data(r, true, -1, new byte[1])),
                lie(
                        "hole past the range",
                        chunks,
                        "4294967295 bytes at 4096",
                        (c, r) -> c.hole(r, true, r.offset(), -1)),
                lie(
                        "chunk longer than memory",
                        chunks,
                        "4294967287 bytes at 4096",
                        (c, r) -> c.header(r, 1, true, 0, 0xffffffffL, offset(r))),
                lie(
                        "chunk longer than 63 bits",
                        extended,
                        "type 1 and 18446744073709551615 bytes",
                        (c, r) -> c.header(r, 1, true, r.offset(), -1, offset(r))),
                lie(
                        "chunk without data",
                        chunks,
                        "type 1 and 8 bytes",
                        (c, r) -> c.data(r, true, r.offset())),
                lie(
                        "byte that comes twice",
                        chunks,
                        "comes twice",
                        (c, r) -> {
                            c.data(r, false, r.offset(), new byte[300]);
                            c.data(r, true, r.offset() + 299, new byte[212]);
                        }),
                lie(
                        "bytes left out",
                        chunks,
                        "answered in part",
                        (c, r) -> c.data(r, true, r.offset(), new byte[511])),
                lie("nothing at all", chunks, "answered in part", (c, r) -> c.none(r)),
                lie(
                        "block status for a read",
                        chunks,
                        "type 5 and 12 bytes",
                        (c, r) ->
                                c.chunk(
                                        r,
                                        Nbd.REPLY_TYPE_BLOCK_STATUS,
                                        true,
                                        out -> out.write(new byte[12]))),
                lie(
                        "chunk of an unknown type",
                        chunks,
                        "type 99 and 0 bytes",
                        (c, r) -> c.chunk(r, 99, true, out -> {})),
                lie(
                        "end that is none",
                        chunks,
                        "type 0 and 0 bytes",
                        (c, r) -> c.chunk(r, Nbd.REPLY_TYPE_NONE, false, out -> {})),
                lie(
                        "error without a number",
                        chunks,
                        "type 32769 and 6 bytes",
                        (c, r) -> c.error(r, true, 0, "")),
                lie(
                        "text longer than its chunk",
                        chunks,
                        "type 32769 and 6 bytes",
                        (c, r) ->
                                c.chunk(
                                        r,
                                        Nbd.REPLY_TYPE_ERROR,
                                        true,
                                        out -> {
                                            out.writeInt(Nbd.EIO);
                                            out.writeShort(1);
                                        })),
                lie(
                        "error of megabytes",
                        chunks,
                        "type 32769 and 16777216 bytes",
                        (c, r) -> c.header(r, Nbd.REPLY_TYPE_ERROR, true, 0, 1 << 24)),
                lie(
                        "error outside of the range",
                        chunks,
                        "type 32770 and 14 bytes",
                        (c, r) ->
                                c.chunk(
                                        r,
                                        Nbd.REPLY_TYPE_ERROR_OFFSET,
                                        true,
                                        out -> {
                                            out.writeInt(Nbd.EIO);
                                            out.writeShort(0);
                                            out.writeLong(r.offset() - 1);
                                        })),
                lie(
                        "errors without end",
                        chunks,
                        "too many errors",
                        (c, r) -> {
                            while (true) {
                                c.error(r, false, Nbd.EIO, "");
                            }
                        }),
                lie(
                        "offset of another request",
                        extended,
                        "as if it were at 1",
                        (c, r) -> c.header(r, 0, true, 1, 0)),
                lie(
                        "end in the middle of the data",
                        simple,
                        "closed the connection",
                        (c, r) -> {
                            c.simple(r.cookie(), 0, new byte[100]);
                            throw new IOException("that is all");
                        }));
    }

    private static byte[] offset(Message request) {
        return java.nio.ByteBuffer.allocate(8).putLong(request.offset()).array();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("liesAboutReads")
    void aLieEndsTheConnection(String name, Dialect dialect, String reason, Lie lie)
            throws Exception {
        MiniServer[] server = new MiniServer[1];
        server[0] =
                server(
                        c -> {
                            c.negotiate(dialect, SIZE, 0);
                            Message request = c.next();
                            if (server[0].connections() == 1) {
                                lie.tell(c, request);
                                c.awaitEnd();
                            }
                            truth(c, dialect, request);
                            c.awaitEnd();
                        });
        BlockNode node = open(server[0].options());
        String message = fails(Errno.EIO, () -> read(node, 4096, 512));
        assertSays(message, "Failed to read 512 bytes at offset 4096 of 'nbd+unix:///", reason);

        Eventually.await("another connection", () -> connected(node));
        assertArrayEquals(filled(512), read(node, 4096, 512));
        assertNull(server[0].failure());
    }

    private static boolean connected(BlockNode node) {
        Map<String, String> info = node.info();
        return "connected".equals(info.get("connection")) && "1".equals(info.get("reconnects"));
    }

    private static byte[] filled(int length) {
        byte[] bytes = new byte[length];
        java.util.Arrays.fill(bytes, (byte) 1);
        return bytes;
    }

    private static void truth(Conversation c, Dialect dialect, Message request) throws IOException {
        byte[] data = filled((int) request.length());
        if (dialect == Dialect.SIMPLE) {
            c.simple(request.cookie(), 0, data);
        } else {
            c.data(request, true, request.offset(), data);
        }
    }

    static Stream<Arguments> liesAboutStatus() {
        return Stream.of(
                status("another context", 1, 4096, 0),
                status("an extent of nothing", Conversation.CONTEXT, 0, 0),
                lie("no extent", Dialect.STRUCTURED, "answered without it", (c, r) -> c.none(r)),
                lie(
                        "no chunk",
                        Dialect.STRUCTURED,
                        "answered without it",
                        (c, r) -> c.simple(r.cookie(), 0)),
                lie(
                        "half an extent",
                        Dialect.STRUCTURED,
                        "type 5 and 8 bytes",
                        (c, r) -> c.chunk(r, 5, true, out -> out.writeLong(0))),
                lie(
                        "gigabytes of extents",
                        Dialect.STRUCTURED,
                        "type 5 and 4294967292 bytes",
                        (c, r) -> c.header(r, 5, true, 0, 0xfffffffcL)),
                lie(
                        "more extents than it says",
                        Dialect.EXTENDED,
                        "type 6 and 40 bytes",
                        (c, r) ->
                                c.chunk(
                                        r,
                                        6,
                                        true,
                                        out -> {
                                            out.writeInt(Conversation.CONTEXT);
                                            out.writeInt(1);
                                            out.writeLong(4096);
                                            out.write(new byte[24]);
                                        })));
    }

    private static Arguments status(String name, int context, int length, int flags) {
        return lie(
                name,
                Dialect.STRUCTURED,
                "type 5 and 12 bytes",
                (c, r) ->
                        c.chunk(
                                r,
                                Nbd.REPLY_TYPE_BLOCK_STATUS,
                                true,
                                out -> {
                                    out.writeInt(context);
                                    out.writeInt(length);
                                    out.writeInt(flags);
                                }));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("liesAboutStatus")
    void aLieAboutTheStatusEndsTheConnection(String name, Dialect dialect, String reason, Lie lie)
            throws Exception {
        MiniServer server =
                server(
                        c -> {
                            c.negotiate(dialect, SIZE, 0);
                            lie.tell(c, c.next());
                            c.awaitEnd();
                        });
        BlockNode node = open(server.options());
        assertSays(
                fails(Errno.EIO, () -> node.status(8192, 4096)),
                "Failed to get the status of 4096 bytes at offset 8192",
                reason);
        assertNull(server.failure());
    }

    static Stream<Arguments> liesInTheHandshake() {
        return Stream.of(
                handshake(
                        "no NBD",
                        "does not speak NBD",
                        c -> c.send(out -> out.writeBytes("HTTP/1.1 400 Bad Request"))),
                handshake(
                        "oldstyle",
                        "oldstyle",
                        c ->
                                c.send(
                                        out -> {
                                            out.writeLong(Nbd.MAGIC);
                                            out.writeLong(0x420281861253L);
                                        })),
                handshake(
                        "reply to another option",
                        "no reply to it",
                        c -> {
                            c.greet(Nbd.FLAG_FIXED_NEWSTYLE);
                            c.reply(c.option().option() + 1, Nbd.REP_ACK);
                        }),
                handshake(
                        "reply longer than memory",
                        "answered with 4294967295 bytes",
                        c -> {
                            c.greet(Nbd.FLAG_FIXED_NEWSTYLE);
                            int option = c.option().option();
                            c.send(
                                    out -> {
                                        out.writeLong(Nbd.REP_MAGIC);
                                        out.writeInt(option);
                                        out.writeInt(Nbd.REP_ACK);
                                        out.writeInt(-1);
                                    });
                        }),
                handshake(
                        "size of 64 bits",
                        "more than 2^63 - 1",
                        c -> c.negotiate(Dialect.SIMPLE, -1, 0)),
                handshake(
                        "no size",
                        "without its size",
                        c -> {
                            c.greet(Nbd.FLAG_FIXED_NEWSTYLE);
                            int option = refuseUntilGo(c);
                            c.reply(option, Nbd.REP_ACK);
                        }),
                handshake(
                        "impossible blocks",
                        "blocks of at least 3 and at most 5",
                        c -> {
                            c.greet(Nbd.FLAG_FIXED_NEWSTYLE);
                            int option = refuseUntilGo(c);
                            c.reply(
                                    option,
                                    Nbd.REP_INFO,
                                    out -> {
                                        out.writeShort(Nbd.INFO_BLOCK_SIZE);
                                        out.writeInt(3);
                                        out.writeInt(4);
                                        out.writeInt(5);
                                    });
                        }),
                handshake(
                        "information without end",
                        "than there is to know",
                        c -> {
                            c.greet(Nbd.FLAG_FIXED_NEWSTYLE);
                            refuseUntilGo(c);
                            while (true) {
                                c.info(SIZE, 0);
                            }
                        }),
                handshake(
                        "early end",
                        "closed the connection",
                        c -> {
                            c.greet(Nbd.FLAG_FIXED_NEWSTYLE);
                            throw new IOException("that is all");
                        }));
    }

    private static Arguments handshake(String name, String reason, MiniServer.Script script) {
        return Arguments.of(name, reason, script);
    }

    static int refuseUntilGo(Conversation c) throws IOException {
        while (true) {
            int option = c.option().option();
            if (option == Nbd.OPT_GO) {
                return option;
            }
            c.reply(option, Nbd.REP_ERR_UNSUP);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("liesInTheHandshake")
    void aLieInTheHandshakeIsSaid(String name, String reason, MiniServer.Script script)
            throws Exception {
        MiniServer server =
                server(
                        c -> {
                            script.run(c);
                            c.awaitEnd();
                        });
        String message;
        try {
            message = refused(() -> open(server.options()), Reason.FAILED);
        } catch (AssertionError e) {
            message = refused(() -> open(server.options()), Reason.UNSUPPORTED);
        }
        assertSays(message, "Failed to connect to 'nbd+unix:///disk?socket=", reason);
        assertNull(server.failure());
    }

    @Test
    void aLieAboutOneRequestIsToldToAllThatWait() throws Exception {
        MiniServer server =
                server(
                        c -> {
                            c.negotiate(Dialect.SIMPLE, SIZE, 0);
                            c.next();
                            c.next();
                            c.next();
                            c.simple(12345, 0);
                            c.awaitEnd();
                        });
        BlockNode node = open(server.options());
        var first = async(() -> fails(Errno.EIO, () -> read(node, 0, 512)));
        var second = async(() -> fails(Errno.EIO, () -> read(node, 512, 512)));
        var third = async(() -> fails(Errno.EIO, () -> read(node, 1024, 512)));
        assertSays(get(first), "which no request has");
        assertSays(get(second), "which no request has");
        assertSays(get(third), "which no request has");
        assertEquals(SIZE, node.length());
    }
}
