package io.diskport.nbd.server;

import static io.diskport.nbd.testing.Wire.BLOCK_STATUS;
import static io.diskport.nbd.testing.Wire.CACHE;
import static io.diskport.nbd.testing.Wire.DF;
import static io.diskport.nbd.testing.Wire.FAST_ZERO;
import static io.diskport.nbd.testing.Wire.FLUSH;
import static io.diskport.nbd.testing.Wire.FUA;
import static io.diskport.nbd.testing.Wire.MIB;
import static io.diskport.nbd.testing.Wire.NO_HOLE;
import static io.diskport.nbd.testing.Wire.READ;
import static io.diskport.nbd.testing.Wire.RESIZE;
import static io.diskport.nbd.testing.Wire.TRIM;
import static io.diskport.nbd.testing.Wire.WRITE;
import static io.diskport.nbd.testing.Wire.WRITE_ZEROES;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.Errno;
import io.diskport.nbd.testing.Answer;
import io.diskport.nbd.testing.Await;
import io.diskport.nbd.testing.NbdClient;
import io.diskport.nbd.testing.Wire;
import io.diskport.nbd.testing.Wire.Style;
import io.diskport.testkit.fake.MemoryBackend;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is done for requests, in each form of replies, by nodes that need not wait or may. */
@Timeout(30)
@ParameterizedClass
@CsvSource({
    "SIMPLE, true",
    "SIMPLE, false",
    "STRUCTURED, true",
    "STRUCTURED, false",
    "EXTENDED, true",
    "EXTENDED, false"
})
class TransmissionTest {
    private static final int SIZE = 3 * MIB;

    @Parameter(0)
    Style style;

    @Parameter(1)
    boolean inline;

    private Site site;
    private Site.Offered disk;
    private MemoryBackend node;
    private NbdClient client;

    @BeforeEach
    void connect() throws Exception {
        site = new Site();
        node = MemoryBackend.of(SIZE);
        node.inline = inline;
        disk = site.offer("disk", node);
        client = site.client(style, "disk");
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        site.close();
    }

    private int error(int type, int flags, long offset, long length, byte... payload)
            throws IOException {
        return client.call(type, flags, offset, length, payload).error;
    }

    private void servesAsEver() throws IOException {
        byte[] data = Wire.pattern(1000, 99);
        client.write(SIZE - 1000, data);
        assertArrayEquals(data, client.read(SIZE - 1000, 1000));
    }

    // Reads and writes

    @ParameterizedTest
    @CsvSource({
        "0, 1",
        "1, 1",
        "511, 2",
        "4095, 4098",
        "0, 65536",
        "3, 65536",
        "12345, 262144",
        "4096, 262145",
        "7, 1000001",
        "3145727, 1",
        "3142688, 3040"
    })
    void whatIsWrittenIsRead(long offset, int length) throws IOException {
        byte[] data = Wire.pattern(length, offset);
        client.write(offset, data);
        assertArrayEquals(data, node.content((int) offset, length));
        assertArrayEquals(data, client.read(offset, length));
    }

    @Test
    void aReadMayFillWhatIsLeftOfABufferToTheByte() throws IOException {
        int header =
                switch (style) {
                    case SIMPLE -> 16;
                    case STRUCTURED -> 28;
                    case EXTENDED -> 40;
                };
        node.fill(0, Wire.pattern(MIB, 1));
        for (int size = 4096; size <= MIB; size *= 2) {
            for (int more = -1; more <= 1; more++) {
                int length = size - header + more;
                try (NbdClient other = site.client(style, "disk")) {
                    assertArrayEquals(node.content(0, length), other.read(0, length));
                }
            }
        }
    }

    @Test
    void theLargestRequestsAreDone() throws Exception {
        MemoryBackend large = MemoryBackend.of(33 * MIB);
        large.inline = inline;
        site.offer("large", large);
        byte[] data = Wire.pattern(32 * MIB, 1);
        try (NbdClient other = site.client(style, "large")) {
            other.write(3, data);
            assertArrayEquals(data, large.content(3, data.length));
            assertArrayEquals(data, other.read(3, data.length));
        }
    }

    @Test
    void aWriteChangesNothingBeside() throws IOException {
        node.fill(0, Wire.pattern(20_000, 1));
        byte[] expected = node.content(0, 20_000);
        byte[] data = Wire.pattern(9_000, 2);
        System.arraycopy(data, 0, expected, 5_001, 9_000);
        client.write(5_001, data);
        assertArrayEquals(expected, node.content(0, 20_000));
    }

    @Test
    void hundredsOfRequestsMayBeUnderWay() throws IOException {
        List<Long> writes = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            writes.add(client.submit(WRITE, 0, i * 5000L, 3000, Wire.pattern(3000, i)));
        }
        for (long cookie : writes) {
            assertEquals(0, client.await(cookie).error);
        }
        List<Long> reads = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            reads.add(client.submit(READ, 0, i * 5000L, 3000));
        }
        for (int i = 0; i < 400; i++) {
            assertArrayEquals(Wire.pattern(3000, i), client.await(reads.get(i)).data, "read " + i);
        }
    }

    @Test
    void requestsOfAllKindsMayBeUnderWayWithErrorsBetween() throws IOException {
        List<Long> all = new ArrayList<>();
        List<Integer> errors = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            switch (i % 6) {
                case 0 -> all.add(client.submit(WRITE, FUA, i * 100L, 10, new byte[10]));
                case 1 -> all.add(client.submit(READ, 0, i, 70_000));
                case 2 -> all.add(client.submit(FLUSH, 0, 0, 0));
                case 3 -> all.add(client.submit(READ, 0, SIZE, 1));
                case 4 -> all.add(client.submit(WRITE, 0, SIZE, 300, new byte[300]));
                default -> all.add(client.submit(77, 0, 0, 0));
            }
            errors.add(new int[] {0, 0, 0, Wire.EINVAL, Wire.ENOSPC, Wire.EINVAL}[i % 6]);
        }
        for (int i = 0; i < all.size(); i++) {
            assertEquals(errors.get(i), client.await(all.get(i)).error, "request " + i);
        }
    }

    @Test
    void zeroesAreReadAsSuch() throws IOException {
        node.fill(300_000, Wire.pattern(1, 1));
        Answer answer = client.call(READ, 0, 1, 2 * MIB);
        byte[] expected = new byte[2 * MIB];
        expected[299_999] = node.content(300_000, 1)[0];
        assertEquals(0, answer.error);
        if (style != Style.SIMPLE && answer.holes == answer.contents) {
            assertEquals(0, answer.contents, "nothing but holes");
        }
        assertArrayEquals(expected, answer.data.length == 0 ? new byte[2 * MIB] : answer.data);
    }

    @Test
    void whatIsAllZeroesIsAHoleWhereThereAreChunks() throws IOException {
        Answer answer = client.call(READ, 0, 4096, 8192);
        assertEquals(0, answer.error);
        assertEquals(style == Style.SIMPLE ? 0 : 1, answer.holes);
        assertArrayEquals(new byte[8192], answer.data);
    }

    @Test
    void oneByteAtTheEndOfZeroesIsNoHole() throws IOException {
        for (int at : new int[] {0, 1, 8190, 8191}) {
            node.fill(0, new byte[9000]);
            node.fill(at, new byte[] {1});
            Answer answer = client.call(READ, 0, 0, 8192);
            assertEquals(0, answer.holes, "with a byte at " + at);
            assertArrayEquals(node.content(0, 8192), answer.data);
        }
    }

    // No lengths

    @Test
    void aLengthOfZeroIsNoReasonToLeave() throws IOException {
        for (int type : new int[] {READ, WRITE, TRIM, CACHE, WRITE_ZEROES, BLOCK_STATUS}) {
            error(type, 0, 0, 0);
            error(type, 0, SIZE, 0);
        }
        servesAsEver();
    }

    @Test
    void aReadOfNothingHasNothing() throws IOException {
        Answer answer = client.call(READ, 0, 5, 0);
        assertEquals(0, answer.error);
        assertEquals(0, answer.data.length);
    }

    // Ranges

    @ParameterizedTest
    @CsvSource({
        "3145728, 1",
        "3145727, 2",
        "0, 3145729",
        "3145729, 0",
        "9223372036854775807, 1",
        "9223372036854775807, 4294967295",
        "0, 4294967295",
        "1, 4294967295",
        "4294967296, 4096",
        "0, -1",
        "1, -1",
        "4096, -4096",
        "3145728, -1",
        "3145728, -9223372032559808513",
        "0, -9223372032559808513"
    })
    void whatLiesOutsideIsRefused(long offset, long length) throws IOException {
        assertEquals(Wire.EINVAL, error(READ, 0, offset, length), "READ");
        assertEquals(Wire.EINVAL, error(TRIM, 0, offset, length), "TRIM");
        assertEquals(Wire.EINVAL, error(CACHE, 0, offset, length), "CACHE");
        assertEquals(Wire.ENOSPC, error(WRITE_ZEROES, 0, offset, length), "WRITE_ZEROES");
        if (length >= 0 && length <= 32 * MIB) {
            byte[] payload = new byte[(int) length];
            assertEquals(Wire.ENOSPC, error(WRITE, 0, offset, length, payload), "WRITE");
        }
        servesAsEver();
        assertEquals("", node.lastZeroes + node.lastDiscard + node.lastPrefetch);
    }

    @ParameterizedTest
    @CsvSource({"-9223372036854775808, 1", "-1, 1", "-1, 2", "-4096, 4096", "-4096, 8192", "-1, 0"})
    void anOffsetWithTheHighestBitIsInvalid(long offset, int length) throws IOException {
        assertEquals(Wire.EINVAL, error(READ, 0, offset, length), "READ");
        assertEquals(Wire.EINVAL, error(WRITE, 0, offset, length, new byte[length]), "WRITE");
        assertEquals(Wire.EINVAL, error(TRIM, 0, offset, length), "TRIM");
        assertEquals(Wire.EINVAL, error(WRITE_ZEROES, 0, offset, length), "WRITE_ZEROES");
        assertEquals(Wire.EINVAL, error(CACHE, 0, offset, length), "CACHE");
        servesAsEver();
    }

    @Test
    void aRefusedWriteIsReadPast() throws IOException {
        for (int length : new int[] {1, 4096, 300_000, 2 * MIB}) {
            byte[] payload = Wire.pattern(length, 1);
            assertEquals(Wire.ENOSPC, error(WRITE, 0, SIZE - 1, length + 1, new byte[length + 1]));
            assertEquals(Wire.EINVAL, error(WRITE, 1 << 9, 0, length, payload), "a flag");
        }
        servesAsEver();
        assertArrayEquals(new byte[2 * MIB], node.content(0, 2 * MIB));
    }

    @Test
    void aWriteThatIsTooLargeIsReadPast() throws IOException {
        int length = 32 * MIB + 1;
        assertEquals(Wire.EINVAL, error(WRITE, 0, 0, length, Wire.pattern(length, 1)));
        servesAsEver();
        assertArrayEquals(new byte[4096], node.content(0, 4096));
    }

    @Test
    void aWriteThatIsFarTooLargeIsDropped() throws IOException {
        client.submit(WRITE, 0, 0, 0xffff_ffffL);
        client.awaitEnd();
    }

    @Test
    void aReadThatIsTooLargeIsRefused() throws IOException {
        assertEquals(Wire.EINVAL, error(READ, 0, 0, 32 * MIB + 1));
        servesAsEver();
    }

    // Flags, types

    @Test
    void anUnknownRequestIsInvalid() throws IOException {
        for (int type : new int[] {9, 10, 100, 0x7fff, 0x8000, 0xffff}) {
            assertEquals(Wire.EINVAL, error(type, 0, 0, 0), "request type " + type);
            assertEquals(Wire.EINVAL, error(type, 0, 4096, 100_000), "with a length: " + type);
        }
        servesAsEver();
    }

    @ParameterizedTest
    @CsvSource({"0, 5", "1, 1", "3, 1", "4, 1", "5, 1", "6, 19"})
    void flagsThatAreUnknownOrOfOtherRequestsAreInvalid(int type, int known) throws IOException {
        int right = style == Style.SIMPLE ? known & ~DF : known;
        byte[] payload = new byte[type == WRITE ? 4096 : 0];
        int length = type == FLUSH ? 0 : 4096;
        for (int bit = 0; bit < 16; bit++) {
            int flag = 1 << bit;
            if (flag != Wire.PAYLOAD_LEN && flag != FAST_ZERO) {
                int expected = (right & flag) == 0 ? Wire.EINVAL : 0;
                assertEquals(expected, error(type, flag, 0, length, payload), "bit " + bit);
            }
        }
        servesAsEver();
    }

    @Test
    void aPayloadWhereNoneBelongsIsInvalid() throws IOException {
        int length = 70_000;
        byte[] payload = new byte[style == Style.EXTENDED ? length : 0];
        for (int type : new int[] {READ, FLUSH, TRIM, CACHE, WRITE_ZEROES, 77}) {
            int error = error(type, Wire.PAYLOAD_LEN, 0, length, payload);
            assertEquals(Wire.EINVAL, error, "request type " + type);
        }
        servesAsEver();
    }

    @Test
    void aFlushReachesTheNode() throws IOException {
        assertEquals(0, error(FLUSH, 0, 0, 0));
        assertEquals(1, node.flushes.get());
    }

    @Test
    void aWriteWithFuaReachesTheNodeAsSuch() throws IOException {
        byte[] data = Wire.pattern(100_000, 1);
        assertEquals(0, error(WRITE, FUA, 3, data.length, data));
        assertEquals(1, node.fuas.get() + node.flushes.get());
        assertArrayEquals(data, node.content(3, data.length));
    }

    @Test
    void aTrimWithFuaIsOnStableStorage() throws IOException {
        assertEquals(0, error(TRIM, FUA, 0, 4096));
        assertEquals(1, node.flushes.get());
    }

    @Test
    void trimAndCacheReachTheNode() throws IOException {
        assertEquals(0, error(TRIM, 0, 4097, SIZE - 4097));
        assertEquals("4097+" + (SIZE - 4097) + " flags 0", node.lastDiscard);
        assertEquals(0, error(CACHE, 0, 1, SIZE - 1));
        assertEquals("1+" + (SIZE - 1), node.lastPrefetch);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1", "2, 2", "16, 4", "19, 7"})
    void zeroesReachTheNodeWithTheirFlags(int flags, int expected) throws IOException {
        node.fill(0, Wire.pattern(8192, 1));
        assertEquals(0, error(WRITE_ZEROES, flags, 1, 8190));
        assertEquals("1+8190 flags " + expected, node.lastZeroes);
        assertArrayEquals(new byte[8190], client.read(1, 8190));
    }

    @Test
    void zeroesThatAreNotFastAreNotSupported() throws IOException {
        node.failure = Errno.EOPNOTSUPP;
        assertEquals(Wire.ENOTSUP, error(WRITE_ZEROES, FAST_ZERO | NO_HOLE, 0, 4096));
    }

    @Test
    void doNotFragmentIsForChunks() throws IOException {
        node.fill(0, Wire.pattern(100, 1));
        Answer answer = client.call(READ, DF, 0, 3 * MIB);
        if (style == Style.SIMPLE) {
            assertEquals(Wire.EINVAL, answer.error);
        } else {
            assertEquals(0, answer.error, answer.message);
            assertArrayEquals(node.content(0, 3 * MIB), answer.data);
        }
    }

    @Test
    void blockStatusNeedsAContext() throws IOException {
        assertEquals(Wire.EINVAL, error(BLOCK_STATUS, 0, 0, 4096));
        servesAsEver();
    }

    // Length

    @Test
    void resizeIsInvalidWhereItWasNotOffered() throws IOException {
        assertEquals(Wire.EINVAL, error(RESIZE, 0, SIZE - 1, 0));
        assertEquals(SIZE, node.length());
    }

    @Test
    void resizeChangesTheLength() throws Exception {
        MemoryBackend grows = MemoryBackend.of(4096);
        grows.growable = true;
        grows.inline = inline;
        site.offer("grows", grows);
        try (NbdClient other = site.client(style, "grows")) {
            assertEquals(Wire.ENOSPC, other.call(WRITE, 0, 8191, 1, new byte[1]).error);
            assertEquals(0, other.call(RESIZE, 0, 8192, 0).error);
            assertEquals(0, other.call(WRITE, 0, 8191, 1, new byte[1]).error);
            assertEquals(0, other.call(RESIZE, 0, 10, 0).error);
            assertEquals(Wire.EINVAL, other.call(READ, 0, 10, 1).error);
            assertEquals(0, other.call(RESIZE, 0, 0, 0).error, "to nothing");
            assertEquals(Wire.EINVAL, other.call(READ, 0, 0, 1).error);
            assertEquals(Wire.EINVAL, other.call(RESIZE, 0, -1, 0).error, "beyond 2^63");
            assertEquals(Wire.EINVAL, other.call(RESIZE, 0, 100, 5).error, "with a length");
            assertEquals(Wire.EINVAL, other.call(RESIZE, 2, 100, 0).error, "with a flag");
            assertEquals(Wire.ENOSPC, other.call(RESIZE, 0, Long.MAX_VALUE, 0).error, "EFBIG");
            assertEquals(0, grows.length());
        }
    }

    @Test
    void whoIsConnectedSeesAnotherLength() throws IOException {
        node.pretend(50 * MIB);
        disk.export.resized(50 * MIB);
        assertEquals(0, error(READ, 0, 50 * MIB - 1, 1));
        node.pretend(10);
        disk.export.resized(10);
        assertEquals(Wire.EINVAL, error(READ, 0, 10, 1));
        try (NbdClient other = site.client(style, "disk")) {
            assertEquals(10, other.size());
        }
    }

    // Errors

    private static int expected(Errno errno) {
        return switch (errno) {
            case EPERM, EACCES, EROFS -> Wire.EPERM;
            case ENOMEM -> Wire.ENOMEM;
            case EINVAL -> Wire.EINVAL;
            case ENOSPC, EFBIG, EDQUOT -> Wire.ENOSPC;
            case EOVERFLOW -> Wire.EOVERFLOW;
            case EOPNOTSUPP -> Wire.ENOTSUP;
            case ESHUTDOWN -> Wire.ESHUTDOWN;
            default -> Wire.EIO;
        };
    }

    @ParameterizedTest
    @ValueSource(ints = {READ, WRITE, FLUSH, TRIM, CACHE, WRITE_ZEROES})
    void theNodesErrorIsTold(int type) throws IOException {
        int length = type == FLUSH ? 0 : 4096;
        for (Errno errno : Errno.values()) {
            node.failure = errno;
            Answer answer = client.call(type, 0, 0, length, new byte[type == WRITE ? length : 0]);
            assertEquals(expected(errno), answer.error, errno::toString);
            String text = style == Style.SIMPLE ? "" : "as told: " + errno.text();
            assertEquals(text, answer.message);
        }
        node.failure = null;
        servesAsEver();
    }

    @Test
    void anErrorInTheMiddleOfALargeRequestIsTold() throws IOException {
        node.badFrom = 2 * MIB;
        assertEquals(Wire.EIO, error(READ, 0, 5, 2 * MIB));
        assertEquals(0, error(READ, 0, 5, MIB));
        node.pretend(2 * MIB);
        assertEquals(0, error(READ, 0, 5, MIB));
    }

    @Test
    void aNodeThatBreaksDownIsAnErrorOfTheRequest() throws IOException {
        site.forgiving = true;
        node.bug = new IllegalStateException("a bug");
        for (int type : new int[] {READ, WRITE, FLUSH, TRIM}) {
            int length = type == FLUSH ? 0 : 4096;
            byte[] payload = new byte[type == WRITE ? length : 0];
            assertEquals(Wire.EIO, error(type, 0, 0, length, payload), "request type " + type);
        }
        node.bug = null;
        servesAsEver();
    }

    @Test
    void aMessageThatIsTooLongIsCut() throws IOException {
        site.forgiving = true;
        node.bug = new IllegalStateException("\u00e4".repeat(5000));
        Answer answer = client.call(FLUSH, 0, 0, 0);
        assertEquals(Wire.EIO, answer.error);
        assertFalse(answer.message.contains("\ufffd"), answer.message);
    }

    @Test
    void aReadOnlyExportIsNotChanged() throws Exception {
        MemoryBackend rom = new MemoryBackend(4096, false);
        rom.inline = inline;
        site.offer("rom", rom);
        try (NbdClient other = site.client(style, "rom")) {
            assertEquals(Wire.EPERM, other.call(WRITE, 0, 0, 512, new byte[512]).error, "WRITE");
            assertEquals(Wire.EPERM, other.call(WRITE_ZEROES, 0, 0, 512).error, "WRITE_ZEROES");
            assertEquals(Wire.EPERM, other.call(TRIM, 0, 0, 512).error, "TRIM");
            assertTrue(other.call(RESIZE, 0, 512, 0).error != 0, "RESIZE");
            assertEquals(0, other.call(FLUSH, 0, 0, 0).error, "FLUSH");
            assertArrayEquals(new byte[512], other.read(0, 512));
        }
    }

    // Ends

    @ParameterizedTest
    @ValueSource(ints = {0, 0x25609513, 0x21e41c71, 0x67446698})
    void whatIsNoRequestIsDropped(int magic) throws IOException {
        boolean right = magic == (style == Style.EXTENDED ? 0x21e41c71 : 0x25609513);
        byte[] request = Wire.request(style, 0, FLUSH, 1, 0, 0);
        java.nio.ByteBuffer.wrap(request).putInt(0, right ? magic + 1 : magic);
        client.send(request, new byte[100]);
        assertEquals(0, client.awaitEnd());
    }

    @Test
    void whoLeavesPolitelyGetsAllAnswersBefore() throws IOException {
        node.hangFlushes();
        long flush = client.submit(FLUSH, 0, 0, 0);
        long read = client.submit(READ, 0, 0, 4096);
        client.disconnect();
        assertEquals(0, client.await(read).error);
        Await.until("it hangs", () -> node.hanging.get() == 1);
        assertEquals(1, disk.context.clients.size());
        node.goOn();
        assertEquals(0, client.await(flush).error);
        assertEquals(0, client.awaitEnd());
    }

    @Test
    void whoLeavesWithoutAWordIsForgotten() throws IOException {
        node.hangFlushes();
        for (int i = 0; i < 10; i++) {
            client.submit(FLUSH, 0, 0, 0);
        }
        Await.until("they hang", () -> node.hanging.get() > 0);
        client.close();
        node.goOn();
        Await.until("it is forgotten", () -> disk.context.clients.isEmpty());
    }

    @Test
    void nothingOfADisconnectIsLookedAt() throws IOException {
        client.send(Wire.request(style, 0xffff & ~Wire.PAYLOAD_LEN, Wire.DISC, 1, 99, 99));
        assertEquals(0, client.awaitEnd());
    }
}
