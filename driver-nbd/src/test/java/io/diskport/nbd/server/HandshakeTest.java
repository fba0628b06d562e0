package io.diskport.nbd.server;

import static io.diskport.nbd.testing.Wire.ERR_EXT_HEADER_REQD;
import static io.diskport.nbd.testing.Wire.ERR_INVALID;
import static io.diskport.nbd.testing.Wire.ERR_POLICY;
import static io.diskport.nbd.testing.Wire.ERR_SHUTDOWN;
import static io.diskport.nbd.testing.Wire.ERR_TOO_BIG;
import static io.diskport.nbd.testing.Wire.ERR_UNKNOWN;
import static io.diskport.nbd.testing.Wire.ERR_UNSUP;
import static io.diskport.nbd.testing.Wire.OPT_ABORT;
import static io.diskport.nbd.testing.Wire.OPT_EXPORT_NAME;
import static io.diskport.nbd.testing.Wire.OPT_EXTENDED_HEADERS;
import static io.diskport.nbd.testing.Wire.OPT_GO;
import static io.diskport.nbd.testing.Wire.OPT_INFO;
import static io.diskport.nbd.testing.Wire.OPT_LIST;
import static io.diskport.nbd.testing.Wire.OPT_LIST_META_CONTEXT;
import static io.diskport.nbd.testing.Wire.OPT_SET_META_CONTEXT;
import static io.diskport.nbd.testing.Wire.OPT_STARTTLS;
import static io.diskport.nbd.testing.Wire.OPT_STRUCTURED_REPLY;
import static io.diskport.nbd.testing.Wire.REP_ACK;
import static io.diskport.nbd.testing.Wire.REP_META_CONTEXT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.nbd.testing.Await;
import io.diskport.nbd.testing.NbdClient;
import io.diskport.nbd.testing.OptionReply;
import io.diskport.nbd.testing.Wire;
import io.diskport.nbd.testing.Wire.Style;
import io.diskport.testkit.fake.MemoryBackend;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The haggling, option by option, in its right and wrong forms. */
@Timeout(30)
class HandshakeTest {
    private static final byte[] NOTHING = {};
    private static final int MOST_DATA = 16 << 10;

    private Site site;
    private NbdClient client;

    @BeforeEach
    void connect() throws Exception {
        site = new Site();
        site.offer(MemoryBackend.inline(1 << 20), "disk", "A disk", false, false);
        client = site.connect();
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        site.close();
    }

    private void servesAsEver() throws IOException {
        client.go("disk");
        assertArrayEquals(new byte[10], client.read(5, 10));
    }

    private void isDropped() throws IOException {
        assertEquals(0, client.awaitEnd(), "bytes before it was dropped");
    }

    private OptionReply answer(int option, byte... data) throws IOException {
        client.option(option, data);
        List<OptionReply> replies = client.replies(option);
        return replies.get(replies.size() - 1);
    }

    // Flags

    @Test
    void aClientOfTheOldWayGetsItsZeroes() throws IOException {
        client.greet(0);
        client.exportName("disk", true);
        assertEquals(1 << 20, client.size());
        assertArrayEquals(new byte[10], client.read(5, 10));
    }

    @Test
    void noZeroesFollowWhereTheClientWantsNone() throws IOException {
        client.greet(3);
        client.exportName("disk", false);
        assertEquals(1 << 20, client.size());
        assertArrayEquals(new byte[10], client.read(5, 10));
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 7, 1 << 16, 1 << 31, -1})
    void aClientWithUnknownFlagsIsDropped(int flags) throws IOException {
        client.greet(flags);
        isDropped();
    }

    @Test
    void whatIsNoOptionIsDropped() throws IOException {
        client.greet(3);
        client.send(new byte[16]);
        isDropped();
    }

    // EXPORT_NAME

    @Test
    void exportNameTakesTheOnlyExportForTheEmptyName() throws IOException {
        client.greet(3);
        client.exportName("", false);
        assertEquals(1 << 20, client.size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "dis", "disk\0", "\0", "Disk", "disk "})
    void exportNameOfWhatIsNotThereIsDropped(String name) throws IOException {
        client.greet(3);
        client.option(OPT_EXPORT_NAME, Wire.utf8(name));
        isDropped();
    }

    @Test
    void exportNameOfNothingIsDroppedWhereThereAreSeveral() throws Exception {
        site.offer("other", MemoryBackend.of(4096));
        client.greet(3);
        client.option(OPT_EXPORT_NAME);
        isDropped();
    }

    @ParameterizedTest
    @ValueSource(ints = {4097, MOST_DATA, MOST_DATA + 1})
    void exportNameThatIsTooLongIsDropped(int length) throws IOException {
        client.greet(3);
        byte[] name = new byte[length];
        Arrays.fill(name, (byte) 'a');
        client.option(OPT_EXPORT_NAME, name);
        client.awaitEnd();
    }

    @Test
    void exportNameAfterExtendedHeadersIsDropped() throws IOException {
        client.greet(3);
        client.agree(Style.EXTENDED);
        client.option(OPT_EXPORT_NAME, Wire.utf8("disk"));
        isDropped();
    }

    @Test
    void exportNameAfterStructuredRepliesUsesThem() throws IOException {
        client.greet(3);
        client.agree(Style.STRUCTURED);
        client.exportName("disk", false);
        assertArrayEquals(new byte[10], client.read(5, 10));
    }

    // ABORT, LIST

    @ParameterizedTest
    @ValueSource(ints = {0, 5})
    void abortIsAnsweredAndEndsIt(int length) throws IOException {
        client.greet(3);
        assertEquals(REP_ACK, client.ask(OPT_ABORT, new byte[length]));
        isDropped();
    }

    @Test
    void listTellsNamesAndDescriptions() throws Exception {
        site.offer("zweite Platte \u00fc", MemoryBackend.of(4096));
        client.greet(3);
        client.option(OPT_LIST);
        TreeMap<String, String> found = new TreeMap<>();
        for (OptionReply reply : client.replies(OPT_LIST)) {
            if (reply.type() == Wire.REP_SERVER) {
                int length = reply.fields().getInt();
                found.put(
                        new String(
                                reply.data(), 4, length, java.nio.charset.StandardCharsets.UTF_8),
                        reply.textFrom(4 + length));
            }
        }
        assertEquals("{disk=A disk, zweite Platte \u00fc=}", found.toString());
        servesAsEver();
    }

    @Test
    void listWithDataIsInvalid() throws IOException {
        client.greet(3);
        assertEquals(ERR_INVALID, client.ask(OPT_LIST, new byte[1]));
        servesAsEver();
    }

    // INFO, GO

    @Test
    void infoOfNothingTellsSizeAndFlags() throws IOException {
        client.greet(3);
        client.option(OPT_INFO, Wire.info(Wire.utf8("disk")));
        List<OptionReply> replies = client.replies(OPT_INFO);
        assertEquals(2, replies.size(), replies::toString);
        assertEquals(0, replies.get(0).infoType());
        assertEquals(1 << 20, replies.get(0).fields().getLong(2));
        servesAsEver();
    }

    @Test
    void infoTellsWhatIsAskedForOnceAndNothingUnknown() throws IOException {
        client.greet(3);
        client.option(OPT_INFO, Wire.info(NOTHING, 1, 2, 3, 1, 2, 3, 0, 0, 4, 77, 0xffff));
        TreeMap<Integer, OptionReply> infos = new TreeMap<>();
        List<OptionReply> replies = client.replies(OPT_INFO);
        for (OptionReply reply : replies.subList(0, replies.size() - 1)) {
            assertTrue(infos.put(reply.infoType(), reply) == null, "twice: " + reply.infoType());
        }
        assertEquals(List.of(0, 1, 2, 3), List.copyOf(infos.keySet()));
        assertEquals("disk", infos.get(1).textFrom(2));
        assertEquals("A disk", infos.get(2).textFrom(2));
        ByteBuffer sizes = infos.get(3).fields();
        assertEquals(14, sizes.remaining());
        assertEquals(1, sizes.getInt(2), "minimum");
        assertEquals(4096, sizes.getInt(6), "preferred");
        assertEquals(32 << 20, sizes.getInt(10), "maximum");
    }

    @ParameterizedTest
    @ValueSource(ints = {OPT_INFO, OPT_GO})
    void anExportThatIsNotThereIsUnknown(int option) throws IOException {
        client.greet(3);
        OptionReply reply = answer(option, Wire.info(Wire.utf8("none\n")));
        assertEquals(ERR_UNKNOWN, reply.type());
        assertEquals("there is no export 'none?'", reply.textFrom(0));
        servesAsEver();
    }

    @Test
    void nameThatIsNoUtf8IsNobodys() throws IOException {
        client.greet(3);
        byte[] name = {'d', 'i', 's', 'k', (byte) 0xff, (byte) 0xc0};
        assertTrue(client.ask(OPT_GO, Wire.info(name)) < 0);
        servesAsEver();
    }

    @Test
    void namesThatAreTheSameOnlyOnceDecodedAreNot() throws Exception {
        site.offer("\ufffd", MemoryBackend.of(4096));
        client.greet(3);
        byte[] name = {(byte) 0xff};
        assertTrue(client.ask(OPT_GO, Wire.info(name)) < 0);
    }

    @ParameterizedTest
    @CsvSource({
        "6,  5",
        "6,  0",
        "6,  3",
        "7,  5",
        "6, 4096",
        "6, 4097",
        "6, -1",
        "6, -2147483648"
    })
    void aNameThatIsLongerThanTheOptionIsInvalid(int option, int length) throws IOException {
        client.greet(3);
        byte[] data = new byte[5];
        ByteBuffer.wrap(data).putInt(length);
        assertEquals(ERR_INVALID, client.ask(option, data));
        servesAsEver();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 5})
    void anInfoThatIsCutOffIsInvalid(int length) throws IOException {
        client.greet(3);
        byte[] whole = Wire.info(NOTHING);
        assertEquals(ERR_INVALID, client.ask(OPT_INFO, Arrays.copyOf(whole, length)));
        servesAsEver();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 0x8000, 0xffff})
    void aNumberOfRequestsThatDoesNotFitIsInvalid(int count) throws IOException {
        client.greet(3);
        byte[] data = Wire.info(Wire.utf8("disk"), 1, 2);
        ByteBuffer.wrap(data).putShort(8, (short) count);
        assertEquals(ERR_INVALID, client.ask(OPT_GO, data));
        servesAsEver();
    }

    @Test
    void aNameWithNulIsInvalid() throws IOException {
        client.greet(3);
        assertEquals(ERR_INVALID, client.ask(OPT_GO, Wire.info(Wire.utf8("disk\0"))));
        servesAsEver();
    }

    @Test
    void aNameOfMoreThan4096BytesIsInvalid() throws IOException {
        client.greet(3);
        byte[] name = new byte[4097];
        Arrays.fill(name, (byte) 'x');
        assertEquals(ERR_INVALID, client.ask(OPT_GO, Wire.info(name)));
        assertEquals(ERR_UNKNOWN, client.ask(OPT_GO, Wire.info(Arrays.copyOf(name, 4096))), "4096");
        servesAsEver();
    }

    @Test
    void aGoThatCoreRefusesCanBeTriedAgain() throws IOException {
        site.offered.get(0).context.refusesClients = true;
        client.greet(3);
        assertEquals(ERR_SHUTDOWN, client.ask(OPT_GO, Wire.info(Wire.utf8("disk"))));
        site.offered.get(0).context.refusesClients = false;
        servesAsEver();
    }

    // STRUCTURED_REPLY, EXTENDED_HEADERS

    @ParameterizedTest
    @ValueSource(ints = {OPT_STRUCTURED_REPLY, OPT_EXTENDED_HEADERS, OPT_STARTTLS})
    void optionsThatTakeNoDataAreInvalidWithIt(int option) throws IOException {
        client.greet(3);
        assertEquals(ERR_INVALID, client.ask(option, new byte[3]));
        // Nothing was agreed on.
        servesAsEver();
    }

    @ParameterizedTest
    @ValueSource(ints = {OPT_STRUCTURED_REPLY, OPT_EXTENDED_HEADERS})
    void theSecondOfItsKindIsInvalid(int option) throws IOException {
        client.greet(3);
        client.agree(option == OPT_STRUCTURED_REPLY ? Style.STRUCTURED : Style.EXTENDED);
        assertEquals(ERR_INVALID, client.ask(option));
        servesAsEver();
    }

    @Test
    void extendedHeadersAreNotGivenUpForStructuredReplies() throws IOException {
        client.greet(3);
        client.agree(Style.EXTENDED);
        assertEquals(ERR_EXT_HEADER_REQD, client.ask(OPT_STRUCTURED_REPLY));
        servesAsEver();
    }

    @Test
    void extendedHeadersTakeTheirPlaceOfStructuredReplies() throws IOException {
        client.greet(3);
        client.agree(Style.STRUCTURED);
        client.agree(Style.EXTENDED);
        servesAsEver();
    }

    // Metadata contexts

    @ParameterizedTest
    @ValueSource(ints = {OPT_LIST_META_CONTEXT, OPT_SET_META_CONTEXT})
    void contextsBeforeStructuredRepliesAreInvalid(int option) throws IOException {
        client.greet(3);
        assertEquals(ERR_INVALID, client.ask(option, Wire.contexts("disk", "base:allocation")));
        servesAsEver();
    }

    private List<String> contexts(int option, String... queries) throws IOException {
        client.option(option, Wire.contexts("deep", queries));
        List<OptionReply> replies = client.replies(option);
        assertEquals(REP_ACK, replies.get(replies.size() - 1).type(), replies::toString);
        return replies.stream()
                .filter(reply -> reply.type() == REP_META_CONTEXT)
                .map(reply -> reply.textFrom(4))
                .sorted()
                .toList();
    }

    private void withDepth() throws Exception {
        site.offer(MemoryBackend.of(4096), "deep", "", true, false);
        client.greet(3);
        client.agree(Style.STRUCTURED);
    }

    @Test
    void listWithoutQueriesTellsAllContexts() throws Exception {
        withDepth();
        assertEquals(
                List.of("base:allocation", "qemu:allocation-depth"),
                contexts(OPT_LIST_META_CONTEXT));
    }

    @Test
    void listTakesANamespace() throws Exception {
        withDepth();
        assertEquals(List.of("base:allocation"), contexts(OPT_LIST_META_CONTEXT, "base:"));
        assertEquals(List.of("qemu:allocation-depth"), contexts(OPT_LIST_META_CONTEXT, "qemu:"));
    }

    @Test
    void listPassesOverWhatItDoesNotKnow() throws Exception {
        withDepth();
        assertEquals(
                List.of("base:allocation"),
                contexts(
                        OPT_LIST_META_CONTEXT,
                        "x-other:",
                        "base:allocation",
                        "base:none",
                        "base:allocation",
                        "qemu:dirty-bitmap:b"));
        assertEquals(List.of(), contexts(OPT_LIST_META_CONTEXT, "x-other:y"));
    }

    @Test
    void setTakesNoNamespaceAndNoNothing() throws Exception {
        withDepth();
        assertEquals(List.of(), contexts(OPT_SET_META_CONTEXT));
        assertEquals(List.of(), contexts(OPT_SET_META_CONTEXT, "base:", "qemu:", "x-other:y"));
    }

    @Test
    void depthIsNotThereWhereItIsNotOffered() throws IOException {
        client.greet(3);
        client.agree(Style.STRUCTURED);
        client.option(OPT_LIST_META_CONTEXT, Wire.contexts("disk"));
        List<OptionReply> replies = client.replies(OPT_LIST_META_CONTEXT);
        assertEquals(2, replies.size(), replies::toString);
        assertEquals("base:allocation", replies.get(0).textFrom(4));
    }

    @Test
    void selectedContextsHaveNumbersOfTheirOwn() throws Exception {
        withDepth();
        client.select("deep", "base:allocation", "qemu:allocation-depth");
        assertFalse(client.context("base:allocation") == client.context("qemu:allocation-depth"));
    }

    @ParameterizedTest
    @ValueSource(ints = {OPT_LIST_META_CONTEXT, OPT_SET_META_CONTEXT})
    void contextsOfWhatIsNotThereAreUnknown(int option) throws IOException {
        client.greet(3);
        client.agree(Style.STRUCTURED);
        assertEquals(ERR_UNKNOWN, client.ask(option, Wire.contexts("none", "base:allocation")));
        servesAsEver();
    }

    @ParameterizedTest
    @CsvSource({"9, 2", "9, -1", "9, 0", "10, 2", "10, -1", "10, 0", "10, -2147483648"})
    void aNumberOfQueriesThatDoesNotFitIsInvalid(int option, int count) throws IOException {
        client.greet(3);
        client.agree(Style.STRUCTURED);
        byte[] data = Wire.contexts("disk", "base:allocation");
        ByteBuffer.wrap(data).putInt(8, count);
        assertEquals(ERR_INVALID, client.ask(option, data));
        servesAsEver();
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 16, 4097, -1})
    void aQueryWhoseLengthDoesNotFitIsInvalid(int length) throws IOException {
        client.greet(3);
        client.agree(Style.STRUCTURED);
        byte[] data = Wire.contexts("disk", "base:allocation");
        ByteBuffer.wrap(data).putInt(12, length);
        assertEquals(ERR_INVALID, client.ask(OPT_SET_META_CONTEXT, data));
        servesAsEver();
    }

    @Test
    void contextsThatAreCutOffAreInvalid() throws IOException {
        client.greet(3);
        client.agree(Style.STRUCTURED);
        byte[] whole = Wire.contexts("disk", "base:allocation");
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertEquals(ERR_INVALID, client.ask(OPT_SET_META_CONTEXT, cut), length + " bytes");
        }
        servesAsEver();
    }

    private int errorOfStatus(String export) throws IOException {
        client.go(export);
        return client.call(Wire.BLOCK_STATUS, 0, 0, 4096).error;
    }

    @Test
    void contextsOfAnotherExportDoNotCount() throws Exception {
        site.offer("other", MemoryBackend.of(4096));
        client.greet(3);
        client.agree(Style.STRUCTURED);
        client.select("disk", "base:allocation");
        assertEquals(Wire.EINVAL, errorOfStatus("other"));
    }

    @Test
    void contextsAreReplacedByTheNext() throws IOException {
        client.greet(3);
        client.agree(Style.STRUCTURED);
        client.select("disk", "base:allocation");
        assertEquals(REP_ACK, client.ask(OPT_SET_META_CONTEXT, Wire.contexts("disk")));
        assertEquals(Wire.EINVAL, errorOfStatus("disk"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"queries", "name", "unknown", "long"})
    void contextsAreForgottenWhenTheNextFail(String kind) throws IOException {
        client.greet(3);
        client.agree(Style.STRUCTURED);
        client.select("disk", "base:allocation");
        byte[] next =
                switch (kind) {
                    case "queries" -> Arrays.copyOf(Wire.contexts("disk", "base:allocation"), 20);
                    case "name" -> new byte[] {0, 0, 0, 9, 'd'};
                    case "unknown" -> Wire.contexts("none", "base:allocation");
                    default -> new byte[MOST_DATA + 1];
                };
        assertTrue(client.ask(OPT_SET_META_CONTEXT, next) < 0, "it fails");
        assertEquals(Wire.EINVAL, errorOfStatus("disk"));
    }

    @Test
    void contextsStayWhenOthersAreListed() throws IOException {
        client.greet(3);
        client.agree(Style.STRUCTURED);
        client.select("disk", "base:allocation");
        client.ask(OPT_LIST_META_CONTEXT, Wire.contexts("disk"));
        assertEquals(0, errorOfStatus("disk"));
    }

    // Anything else

    @Test
    void startTlsIsRefusedWithoutCredentials() throws IOException {
        client.greet(3);
        assertEquals(ERR_POLICY, client.ask(OPT_STARTTLS));
        servesAsEver();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 4, 12, 99, -1, 1 << 31})
    void anUnknownOptionIsUnsupported(int option) throws IOException {
        client.greet(3);
        assertEquals(ERR_UNSUP, client.ask(option, new byte[1000]));
        servesAsEver();
    }

    @ParameterizedTest
    @CsvSource({"7, 16385", "6, 100000", "99, 2000000", "3, 16385", "2147483647, 33554432"})
    void anOptionThatIsTooLongIsReadPast(int option, int length) throws IOException {
        client.greet(3);
        assertEquals(ERR_TOO_BIG, client.ask(option, new byte[length]));
        servesAsEver();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, (32 << 20) + 1})
    void anOptionThatIsFarTooLongIsDropped(int length) throws IOException {
        client.greet(3);
        byte[] option = Wire.option(OPT_GO, NOTHING);
        ByteBuffer.wrap(option).putInt(12, length);
        client.send(option);
        isDropped();
    }

    @Test
    void optionsMayComeAllAtOnce() throws IOException {
        client.takeGreeting();
        client.send(
                new byte[] {0, 0, 0, 3},
                Wire.option(OPT_LIST, NOTHING),
                Wire.option(77, new byte[5000]),
                Wire.option(OPT_STRUCTURED_REPLY, NOTHING),
                Wire.option(OPT_GO, Wire.info(Wire.utf8("disk"))),
                Wire.request(Style.STRUCTURED, 0, Wire.FLUSH, 7, 0, 0));
        client.replies(OPT_LIST);
        assertEquals(ERR_UNSUP, client.replies(77).get(0).type());
        client.replies(OPT_STRUCTURED_REPLY);
        client.took(client.replies(OPT_GO));
        assertEquals(0x668e33ef, client.receive(20).getInt(), "the FLUSH's reply");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 15, 16, 17, 30, 33})
    void anOptionMayComeInPartsBehindAnother(int first) throws IOException {
        client.greet(3);
        byte[] go = Wire.option(OPT_GO, Wire.info(Wire.utf8("disk"), 1, 2, 3, 4));
        client.send(Wire.option(OPT_LIST, NOTHING), Arrays.copyOf(go, first));
        assertEquals(2, client.replies(OPT_LIST).size());
        client.send(Arrays.copyOfRange(go, first, go.length));
        client.took(client.replies(OPT_GO));
        assertArrayEquals(new byte[10], client.read(5, 10));
    }

    @ParameterizedTest
    @EnumSource(Style.class)
    void allMayComeByteByByte(Style style) throws IOException {
        client.takeGreeting();
        byte[] agree =
                switch (style) {
                    case SIMPLE -> NOTHING;
                    case STRUCTURED -> Wire.option(OPT_STRUCTURED_REPLY, NOTHING);
                    case EXTENDED -> Wire.option(OPT_EXTENDED_HEADERS, NOTHING);
                };
        byte[] all =
                Wire.join(
                        new byte[] {0, 0, 0, 3},
                        Wire.option(OPT_LIST, NOTHING),
                        agree,
                        Wire.option(OPT_GO, Wire.info(Wire.utf8("disk"), 3)),
                        Wire.request(style, Wire.PAYLOAD_LEN & flags(style), 1, 7, 3, 5),
                        new byte[] {1, 2, 3, 4, 5},
                        Wire.request(style, 0, Wire.DISC, 0, 0, 0));
        for (byte one : all) {
            client.send(new byte[] {one});
        }
        client.awaitEnd();
        assertArrayEquals(
                new byte[] {0, 1, 2, 3, 4, 5, 0},
                site.offered.get(0).backend.content(2, 7),
                site.log::toString);
    }

    private static int flags(Style style) {
        return style == Style.EXTENDED ? -1 : 0;
    }

    @Test
    void whoLeavesIsForgotten() throws IOException {
        client.greet(3);
        client.close();
        Await.until("no handshake", () -> site.info().get("in handshake").equals("0"));
        client = site.client(Style.SIMPLE, "disk");
        client.close();
        Await.until("no client", () -> site.offered.get(0).context.clients.isEmpty());
        Await.until("no seat", () -> site.info().get("clients").equals("0 of 100"));
    }

    // Transmission flags

    @Test
    void theFlagsTellWhatAWritableExportCan() throws IOException {
        client.greet(3);
        client.go("disk");
        // HAS_FLAGS, FLUSH, FUA, TRIM, WRITE_ZEROES, CAN_MULTI_CONN, CACHE, FAST_ZERO
        assertEquals(0b1101_0110_1101, client.features());
    }

    @Test
    void theFlagsTellWhatChunksAreGoodFor() throws IOException {
        client.greet(3);
        client.agree(Style.STRUCTURED);
        client.go("disk");
        // the same with DF
        assertEquals(0b1101_1110_1101, client.features());
    }

    @Test
    void theFlagsTellWhatExtendedHeadersAreGoodFor() throws IOException {
        client.greet(3);
        client.agree(Style.EXTENDED);
        client.go("disk");
        // the same with DF and BLOCK_STATUS_PAYLOAD
        assertEquals(0b1_1101_1110_1101, client.features());
    }

    @Test
    void theFlagsTellThatAnExportIsReadOnly() throws Exception {
        site.offer("rom", new MemoryBackend(4096, false));
        client.greet(3);
        client.go("rom");
        // HAS_FLAGS, READ_ONLY, FLUSH, FUA, CAN_MULTI_CONN, CACHE
        assertEquals(0b101_0000_1111, client.features());
    }

    @Test
    void theFlagsTellThatAnExportGrows() throws Exception {
        MemoryBackend backend = MemoryBackend.of(4096);
        backend.growable = true;
        site.offer("grows", backend);
        client.greet(3);
        client.go("grows");
        // RESIZE beside those of a writable export
        assertEquals(0b1111_0110_1101, client.features());
    }

    @Test
    void infoAndGoTellTheSame() throws IOException {
        client.greet(3);
        client.agree(Style.EXTENDED);
        byte[] data = Wire.info(Wire.utf8("disk"), 1, 2, 3);
        client.option(OPT_INFO, data);
        List<String> info = shown(client.replies(OPT_INFO));
        client.option(OPT_GO, data);
        assertEquals(info, shown(client.replies(OPT_GO)));
    }

    private static List<String> shown(List<OptionReply> replies) {
        return replies.stream().map(reply -> Arrays.toString(reply.data())).sorted().toList();
    }
}
