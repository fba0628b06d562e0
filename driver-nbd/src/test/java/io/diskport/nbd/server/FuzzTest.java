package io.diskport.nbd.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.nbd.testing.Answer;
import io.diskport.nbd.testing.Await;
import io.diskport.nbd.testing.NbdClient;
import io.diskport.nbd.testing.Watchdog;
import io.diskport.nbd.testing.Wire;
import io.diskport.nbd.testing.Wire.Style;
import io.diskport.testkit.fake.MemoryBackend;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What no client sends. The same in each run; another seed is {@code -Ddiskport.nbd.seed=7}, and
 * many more sessions are {@code -Ddiskport.long=true}.
 */
@Timeout(3600)
class FuzzTest {
    private static final long SEED = Long.getLong("diskport.nbd.seed", 20_260_724L);
    private static final int TIMES = Boolean.getBoolean("diskport.long") ? 100 : 1;
    private static final int HANDSHAKES = 900 * TIMES;
    private static final int TRANSMISSIONS = 150 * TIMES;
    private static final int SIZE = 300_000;
    private static final String NAME = "disk";
    private static final int MOST_REPLY = 1 << 20;
    private static final long MOST_PAYLOAD = 64L << 20;
    private static final long[] EDGES = {
        0,
        1,
        -1,
        3,
        4,
        511,
        512,
        4095,
        4096,
        4097,
        16_384,
        16_385,
        32_728,
        32_740,
        32_752,
        65_496,
        65_508,
        65_520,
        131_032,
        131_044,
        131_056,
        SIZE - 1,
        SIZE,
        SIZE + 1,
        262_144,
        (32 << 20) - 1,
        32 << 20,
        (32 << 20) + 1,
        0x7fff_ffffL,
        0x8000_0000L,
        0xffff_ffffL,
        1L << 32,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        Long.MAX_VALUE - SIZE
    };

    private final Random random = new Random(SEED);
    private final Watchdog watchdog = new Watchdog();
    private Site site;

    /** What this session has sent. */
    private final List<byte[]> sent = new ArrayList<>();

    private MemoryBackend node;
    private NbdClient witness;
    private int number;

    @BeforeEach
    void begin() throws Exception {
        site = new Site();
        node = MemoryBackend.of(SIZE);
        node.growable = false;
        node.fill(1000, Wire.pattern(100_000, 1));
        site.offer(node, NAME, "what is fuzzed", true, false);
        site.offer("witness", MemoryBackend.inline(SIZE));
        witness = site.client(Style.EXTENDED, "witness");
    }

    @AfterEach
    void end() throws Exception {
        watchdog.close();
        witness.close();
        site.close();
    }

    private void worksForOthers() throws IOException {
        byte[] data = Wire.pattern(5000, number);
        witness.write(number % 1000, data);
        assertArrayEquals(data, witness.read(number % 1000, 5000));
    }

    private void onlyTheWitnessStays() {
        Await.until(
                () -> "stays: " + site.threads() + ", " + site.buffered() + " bytes",
                () -> site.threads().size() == 2 && site.buffered() == 0);
    }

    private AssertionError failed(byte[] session, Throwable cause) {
        return new AssertionError(
                "-Ddiskport.nbd.seed="
                        + SEED
                        + ", session "
                        + number
                        + ": "
                        + java.util.HexFormat.of()
                                .formatHex(session, 0, Math.min(session.length, 600)),
                cause);
    }

    // Handshakes

    @Test
    void everyHandshakeGetsAnswersThatAreSome() throws Exception {
        for (number = 0; number < HANDSHAKES; number++) {
            byte[] session = handshake();
            try {
                watchdog.watch("nbd-" + site.id, () -> shakeHands(session));
            } catch (RuntimeException | AssertionError e) {
                throw failed(session, e);
            }
        }
        onlyTheWitnessStays();
        worksForOthers();
    }

    private void shakeHands(byte[] session) throws IOException {
        try (NbdClient client = site.connect()) {
            sendInParts(client, session);
            client.endOutput();
            new Reader(client.receiveAll()).readAll();
        } catch (IOException e) {
            // It was dropped while it still sent.
            assertTrue(e.getMessage() != null, "a reason");
        }
        if (number % 50 == 0) {
            worksForOthers();
        }
    }

    private void sendInParts(NbdClient client, byte[] session) throws IOException {
        int at = 0;
        while (at < session.length) {
            int part = random.nextInt(4) == 0 ? 1 + random.nextInt(40) : session.length;
            int end = Math.min(session.length, at + part);
            client.send(Arrays.copyOfRange(session, at, end));
            at = end;
        }
    }

    private byte[] handshake() {
        if (random.nextInt(30) == 0) {
            return noise(random.nextInt(300));
        }
        List<byte[]> parts = new ArrayList<>();
        int flags = random.nextInt(20) == 0 ? random.nextInt() : random.nextInt(4);
        parts.add(ByteBuffer.allocate(4).putInt(flags).array());
        for (int i = random.nextInt(6); i >= 0; i--) {
            byte[] option = Wire.option(option(), data());
            parts.add(random.nextInt(3) == 0 ? mutated(option, 16) : option);
        }
        if (random.nextInt(3) == 0) {
            parts.add(Wire.request(style(), 0, random.nextInt(9), 1, 0, random.nextInt(5000)));
            parts.add(noise(random.nextInt(200)));
        }
        byte[] all = Wire.join(parts.toArray(byte[][]::new));
        return random.nextInt(5) == 0 ? mutated(all, all.length) : all;
    }

    private int option() {
        int[] known = {1, 2, 3, 5, 6, 7, 7, 8, 9, 10, 11, 8, 11, 6};
        return random.nextInt(10) == 0 ? random.nextInt() : known[random.nextInt(known.length)];
    }

    private byte[] data() {
        byte[] data =
                switch (random.nextInt(6)) {
                    case 0 -> new byte[0];
                    case 1 -> Wire.info(Wire.utf8(NAME), 0, 1, 2, 3, random.nextInt(9));
                    case 2 -> Wire.contexts(NAME, "base:allocation", "qemu:allocation-depth");
                    case 3 -> Wire.contexts(random.nextBoolean() ? NAME : "none", "base:", "x:y");
                    case 4 -> Wire.utf8(NAME);
                    default -> noise(random.nextInt(random.nextInt(10) == 0 ? 20_000 : 60));
                };
        return random.nextInt(3) == 0 ? mutated(data, data.length) : data;
    }

    private Style style() {
        return Style.values()[random.nextInt(3)];
    }

    private byte[] noise(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    /** Other bytes, edges in place of fields, or less of it. */
    private byte[] mutated(byte[] bytes, int most) {
        byte[] other = bytes.clone();
        for (int i = random.nextInt(3); i >= 0 && other.length > 0; i--) {
            int at = random.nextInt(Math.min(most, other.length));
            switch (random.nextInt(4)) {
                case 0 -> other[at] = (byte) random.nextInt();
                case 1 -> other[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> {
                    if (at + 4 <= other.length) {
                        ByteBuffer.wrap(other).putInt(at, (int) edge());
                    }
                }
                default -> other = Arrays.copyOf(other, at);
            }
        }
        return other;
    }

    private long edge() {
        return EDGES[random.nextInt(EDGES.length)];
    }

    /** Reads what a server has said in a handshake. */
    private record Reader(ByteBuffer in) {
        void readAll() {
            if (in.remaining() < 18) {
                assertEquals(0, in.remaining(), "a part of a greeting");
                return;
            }
            assertEquals(0x4e42444d41474943L, in.getLong());
            in.position(in.position() + 10);
            boolean ended = false;
            while (!ended && in.hasRemaining()) {
                assertTrue(in.remaining() >= 10, "a part of a reply: " + in.remaining());
                if (in.getLong(in.position()) == SIZE) {
                    // the answer to EXPORT_NAME
                    return;
                }
                ended = readReply();
            }
        }

        private boolean readReply() {
            assertTrue(in.remaining() >= 20, "a part of a reply: " + in.remaining());
            assertEquals(0x3e889045565a9L, in.getLong(), "magic");
            int option = in.getInt();
            int type = in.getInt();
            int length = in.getInt();
            assertTrue(length >= 0 && length <= MOST_REPLY, "length " + length);
            assertTrue(length <= in.remaining(), "a part of a reply: " + length);
            assertTrue(type < 0 || type >= 1 && type <= 4, "type " + type);
            if (type == 1) {
                assertEquals(0, length, "an ACK with data");
            }
            in.position(in.position() + length);
            return option == Wire.OPT_GO && type == 1;
        }
    }

    // Transmissions

    @Test
    void everyRequestGetsTheAnswerThatIsItsOwn() throws Exception {
        for (number = 0; number < TRANSMISSIONS; number++) {
            node.inline = random.nextBoolean();
            try {
                watchdog.watch("nbd-" + site.id, this::transmission);
            } catch (RuntimeException | AssertionError e) {
                throw failed(Wire.join(sent.toArray(byte[][]::new)), e);
            }
        }
        onlyTheWitnessStays();
        worksForOthers();
    }

    private void transmission() throws IOException {
        Style style = style();
        boolean contexts = style != Style.SIMPLE && random.nextBoolean();
        sent.clear();
        try (NbdClient client =
                contexts
                        ? site.client(style, NAME, "base:allocation", "qemu:allocation-depth")
                        : site.client(style, NAME)) {
            List<Expected> expected = new ArrayList<>();
            boolean drops = false;
            for (int i = random.nextInt(40); i >= 0 && !drops; i--) {
                drops = request(client, contexts, expected);
            }
            byte[] all = Wire.join(sent.toArray(byte[][]::new));
            if (drops) {
                sendUntilDropped(client, all);
                return;
            }
            sendInParts(client, all);
            for (Expected one : expected) {
                Answer answer = client.await(one.cookie);
                assertEquals(one.error, answer.error, () -> one + ": " + answer.message);
            }
            leave(client);
        } catch (EOFException e) {
            throw new AssertionError("it was dropped", e);
        }
        if (number % 10 == 0) {
            worksForOthers();
        }
    }

    private static void sendUntilDropped(NbdClient client, byte[] all) throws IOException {
        try {
            client.send(all);
        } catch (IOException e) {
            return;
        }
        client.awaitEnd();
    }

    private void leave(NbdClient client) throws IOException {
        switch (random.nextInt(4)) {
            case 0 -> {
                client.disconnect();
                assertEquals(0, client.awaitEnd());
            }
            case 1 -> {
                byte[] noise = noise(40);
                noise[0] = 0;
                client.send(noise);
                assertEquals(0, client.awaitEnd());
            }
            case 2 -> {
                client.submit(Wire.WRITE, 0, 0, 4096, noise(random.nextInt(4096)));
                client.endOutput();
                assertEquals(0, client.awaitEnd());
            }
            default -> client.submit(Wire.READ, 0, 0, 4096);
        }
    }

    private record Expected(
            long cookie, int error, Style style, int type, int flags, long offset, long length) {}

    /** One request; true if a server has to drop whoever sends it. */
    private boolean request(NbdClient client, boolean contexts, List<Expected> expected) {
        Style style = client.style();
        int type = random.nextInt(12) == 0 ? random.nextInt(1 << 16) : random.nextInt(9);
        type = type == Wire.DISC ? Wire.READ : type;
        int flags = flags(type);
        if (type == Wire.WRITE && style == Style.EXTENDED && random.nextInt(10) > 0) {
            flags |= Wire.PAYLOAD_LEN;
        }
        long offset = random.nextInt(3) == 0 ? edge() : random.nextInt(SIZE);
        long length = random.nextInt(4) == 0 ? edge() : random.nextInt(9000);
        if (style != Style.EXTENDED) {
            length &= 0xffff_ffffL;
        }
        boolean payload =
                type == Wire.WRITE || style == Style.EXTENDED && (flags & Wire.PAYLOAD_LEN) != 0;
        boolean drops = payload && (length < 0 || length > MOST_PAYLOAD);
        if (payload && !drops && length > 1 << 20 && random.nextInt(20) > 0) {
            // Large ones take their time.
            length %= 10_000;
        }
        byte[] body = noise(payload && !drops ? (int) length : 0);
        if (payload && type == Wire.BLOCK_STATUS && contexts) {
            body = Wire.statusPayload(1 + random.nextInt(1000), client.context("base:allocation"));
            length = body.length;
            drops = false;
            offset = random.nextInt(SIZE - 1000);
        }
        if (type == Wire.BLOCK_STATUS && !payload && length == 0) {
            length = 1;
        }
        long cookie = client.expect(type, flags, offset, length);
        sent.add(Wire.request(style, flags, type, cookie, offset, length));
        sent.add(body);
        int error = error(style, type, flags, offset, length, contexts);
        expected.add(new Expected(cookie, error, style, type, flags, offset, length));
        return drops;
    }

    private int flags(int type) {
        if (random.nextInt(8) == 0) {
            return random.nextInt(1 << 16);
        }
        int likely =
                switch (type) {
                    case Wire.READ -> Wire.DF;
                    case Wire.WRITE_ZEROES -> Wire.NO_HOLE | Wire.FAST_ZERO;
                    case Wire.BLOCK_STATUS -> Wire.REQ_ONE | Wire.PAYLOAD_LEN;
                    default -> 0;
                };
        return random.nextInt() & (likely | Wire.FUA);
    }

    /** What the protocol has a server answer. */
    private static int error(
            Style style, int type, int flags, long offset, long length, boolean contexts) {
        boolean extended = style == Style.EXTENDED;
        boolean chunks = style != Style.SIMPLE;
        boolean payload = extended && (flags & Wire.PAYLOAD_LEN) != 0;
        int known =
                switch (type) {
                    case Wire.READ -> chunks ? Wire.DF : 0;
                    case Wire.WRITE -> extended ? Wire.PAYLOAD_LEN : 0;
                    case Wire.FLUSH, Wire.TRIM, Wire.CACHE -> 0;
                    case Wire.WRITE_ZEROES -> Wire.NO_HOLE | Wire.FAST_ZERO;
                    case Wire.BLOCK_STATUS ->
                            contexts ? Wire.REQ_ONE | (extended ? Wire.PAYLOAD_LEN : 0) : -1;
                    default -> -1;
                };
        if (known < 0 || (flags & ~(known | Wire.FUA)) != 0) {
            return Wire.EINVAL;
        }
        if (type == Wire.FLUSH || type == Wire.BLOCK_STATUS && payload) {
            return 0;
        }
        boolean data = type == Wire.READ || type == Wire.WRITE;
        if (data && (length < 0 || length > 32 << 20) || offset < 0) {
            return Wire.EINVAL;
        }
        if (offset > SIZE || Long.compareUnsigned(length, SIZE - offset) > 0) {
            boolean writes = type == Wire.WRITE || type == Wire.WRITE_ZEROES;
            return writes ? Wire.ENOSPC : Wire.EINVAL;
        }
        return 0;
    }
}
