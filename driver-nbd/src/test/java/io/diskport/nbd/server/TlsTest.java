package io.diskport.nbd.server;

import static io.diskport.nbd.testing.Wire.ERR_INVALID;
import static io.diskport.nbd.testing.Wire.ERR_TLS_REQD;
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
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.BlockException;
import io.diskport.api.Handover;
import io.diskport.api.object.Authorization;
import io.diskport.api.object.TlsCredentials.Endpoint;
import io.diskport.nbd.testing.Await;
import io.diskport.nbd.testing.NbdClient;
import io.diskport.nbd.testing.PassThroughTls;
import io.diskport.nbd.testing.Wire;
import io.diskport.nbd.testing.Wire.Style;
import io.diskport.testkit.fake.MemoryBackend;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that want TLS, or have to. */
@Timeout(30)
class TlsTest {
    private static final byte[] NOTHING = {};

    private final PassThroughTls tls = new PassThroughTls(Endpoint.SERVER);
    private Site site;
    private Site.Offered disk;
    private NbdClient client;

    private void begin(boolean required) throws Exception {
        begin(
                settings -> {
                    settings.tlsCreds = Optional.of(tls);
                    settings.tlsRequired = required;
                });
    }

    private void begin(Site.Change change) throws Exception {
        site = new Site(change);
        disk = site.offer("disk", MemoryBackend.inline(1 << 20));
        client = site.connect();
        client.greet(3);
    }

    @AfterEach
    void close() throws Exception {
        if (site != null) {
            client.close();
            site.close();
        }
    }

    @ParameterizedTest
    @EnumSource(Style.class)
    void aClientIsServedUnderTls(Style style) throws Exception {
        begin(true);
        client.startTls("alice");
        client.agree(style);
        client.go("disk");
        byte[] data = Wire.pattern(700_000, 1);
        client.write(3, data);
        assertArrayEquals(data, client.read(3, data.length));
        assertEquals(
                Map.of("alice", "veil"),
                Map.of(disk.context.details.get("identity"), disk.context.details.get("tls")));
    }

    @ParameterizedTest
    @EnumSource(Style.class)
    void manyRequestsMayWaitUnderTls(Style style) throws Exception {
        begin(true);
        disk.backend.inline = false;
        client.startTls("alice");
        client.agree(style);
        client.go("disk");
        List<Long> all = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            all.add(
                    client.submit(
                            i % 3 == 0 ? Wire.FLUSH : Wire.READ, 0, 0, i % 3 == 0 ? 0 : 4096));
        }
        for (long cookie : all) {
            assertEquals(0, client.await(cookie).error);
        }
        client.disconnect();
        assertEquals(0, client.awaitEnd());
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                OPT_LIST,
                OPT_INFO,
                OPT_GO,
                OPT_STRUCTURED_REPLY,
                OPT_EXTENDED_HEADERS,
                OPT_LIST_META_CONTEXT,
                OPT_SET_META_CONTEXT,
                77
            })
    void nothingIsToldInTheClearWhereTlsIsRequired(int option) throws Exception {
        begin(true);
        assertEquals(ERR_TLS_REQD, client.ask(option, Wire.info(Wire.utf8("disk"))));
        assertEquals(ERR_TLS_REQD, client.ask(option));
        client.startTls("alice");
        client.go("disk");
        assertArrayEquals(new byte[10], client.read(0, 10));
    }

    @Test
    void anOptionThatIsTooLongIsNoExceptionToThat() throws Exception {
        begin(true);
        assertEquals(ERR_TLS_REQD, client.ask(OPT_GO, new byte[100_000]));
    }

    @Test
    void exportNameInTheClearIsDroppedWhereTlsIsRequired() throws Exception {
        begin(true);
        client.option(OPT_EXPORT_NAME, Wire.utf8("disk"));
        assertEquals(0, client.awaitEnd());
    }

    @Test
    void whoWantsNothingMaySaySoInTheClear() throws Exception {
        begin(true);
        assertEquals(REP_ACK, client.ask(OPT_ABORT));
        assertEquals(0, client.awaitEnd());
    }

    @Test
    void tlsIsAMatterOfChoiceWhereItIsNotRequired() throws Exception {
        begin(false);
        client.go("disk");
        assertArrayEquals(new byte[10], client.read(0, 10));
        try (NbdClient other = site.connect()) {
            other.greet(3);
            other.startTls("alice");
            other.go("disk");
            assertArrayEquals(new byte[10], other.read(0, 10));
        }
    }

    @Test
    void anExportMayInsistOnTls() throws Exception {
        begin(false);
        site.offer(MemoryBackend.inline(4096), "secret", "", false, true);
        client.agree(Style.STRUCTURED);
        assertEquals(ERR_TLS_REQD, client.ask(OPT_INFO, Wire.info(Wire.utf8("secret"))));
        assertEquals(ERR_TLS_REQD, client.ask(OPT_GO, Wire.info(Wire.utf8("secret"))));
        assertEquals(
                ERR_TLS_REQD,
                client.ask(OPT_SET_META_CONTEXT, Wire.contexts("secret", "base:allocation")));
        client.startTls("alice");
        client.go("secret");
        assertEquals(4096, client.size());
        try (NbdClient other = site.connect()) {
            other.greet(3);
            other.option(OPT_EXPORT_NAME, Wire.utf8("secret"));
            assertEquals(0, other.awaitEnd());
        }
    }

    @Test
    void structuredRepliesAreForgotten() throws Exception {
        begin(false);
        client.agree(Style.STRUCTURED);
        client.startTls("alice");
        client.go("disk");
        assertEquals(0, client.features() & 1 << 7, "DF");
        assertArrayEquals(new byte[10], client.read(0, 10));
    }

    @Test
    void extendedHeadersAreForgotten() throws Exception {
        begin(false);
        client.agree(Style.EXTENDED);
        client.startTls("alice");
        client.exportName("disk", false);
        assertArrayEquals(new byte[10], client.read(0, 10));
    }

    @Test
    void contextsAreForgotten() throws Exception {
        begin(false);
        client.agree(Style.STRUCTURED);
        client.select("disk", "base:allocation");
        client.startTls("alice");
        client.agree(Style.STRUCTURED);
        client.go("disk");
        assertEquals(Wire.EINVAL, client.call(Wire.BLOCK_STATUS, 0, 0, 4096).error);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatComesInTheClearBehindStartTlsIsNeverDone(boolean required) throws Exception {
        begin(
                settings -> {
                    settings.tlsCreds = Optional.of(tls);
                    settings.tlsRequired = required;
                    // It is not this that drops it.
                    settings.handshakeTimeout = Duration.ofMinutes(10);
                });
        client.send(
                Wire.option(OPT_STARTTLS, NOTHING),
                Wire.option(OPT_GO, Wire.info(Wire.utf8("disk"))),
                Wire.request(Style.SIMPLE, 0, Wire.WRITE, 1, 0, 4096),
                Wire.pattern(4096, 1));
        client.awaitEnd();
        Await.until("it is gone", () -> site.info().get("in handshake").equals("0"));
        assertArrayEquals(new byte[4096], disk.backend.content(0, 4096));
        assertTrue(disk.context.details.isEmpty(), "nobody was let in");
    }

    @Test
    void theSecondStartTlsIsInvalid() throws Exception {
        begin(true);
        client.startTls("alice");
        assertEquals(ERR_INVALID, client.ask(OPT_STARTTLS));
        client.go("disk");
        assertEquals(1, tls.secured.get());
    }

    @Test
    void whatFollowsOnTheSecondStartTlsIsNotLost() throws Exception {
        begin(true);
        client.startTls("alice");
        client.send(Wire.option(OPT_STARTTLS, NOTHING), Wire.option(OPT_LIST, NOTHING));
        assertEquals(ERR_INVALID, client.replies(OPT_STARTTLS).get(0).type());
        assertEquals(2, client.replies(OPT_LIST).size());
    }

    @Test
    void startTlsWithDataIsInvalid() throws Exception {
        begin(true);
        assertEquals(ERR_INVALID, client.ask(OPT_STARTTLS, new byte[1]));
        client.startTls("alice");
        client.go("disk");
    }

    private record Only(String name) implements Authorization {
        @Override
        public boolean allows(String identity) {
            return identity.equals(name);
        }
    }

    @Test
    void whoIsNotAllowedIsDropped() throws Exception {
        begin(
                settings -> {
                    settings.tlsCreds = Optional.of(tls);
                    settings.tlsAuthz = Optional.of(new Only("alice"));
                });
        client.startTls("mallory");
        assertEquals(0, client.awaitEnd());
        try (NbdClient other = site.connect()) {
            other.greet(3);
            other.startTls("alice");
            other.go("disk");
        }
        Await.until(
                () -> "the log says who: " + site.log,
                () -> site.log.toString().contains("'mallory' is not let in by 'authz'"));
    }

    @Test
    void credentialsOfAClientAreRefused() {
        PassThroughTls wrong = new PassThroughTls(Endpoint.CLIENT);
        BlockException refused =
                assertThrows(
                        BlockException.class,
                        () -> new Site(settings -> settings.tlsCreds = Optional.of(wrong)));
        assertTrue(refused.getMessage().contains("endpoint=server"), refused.getMessage());
    }

    @Test
    void whoNeverFinishesTlsIsDropped() throws Exception {
        begin(
                settings -> {
                    settings.tlsCreds = Optional.of(tls);
                    settings.handshakeTimeout = Duration.ofMillis(300);
                });
        assertEquals(REP_ACK, client.ask(OPT_STARTTLS));
        Await.until("it is in TLS's handshake", () -> tls.secured.get() == 1);
        assertEquals(0, client.awaitEnd());
    }

    @Test
    void connectionsWithTlsAreDroppedAtAHandOverAndOthersAreNot() throws Exception {
        begin(false);
        client.startTls("alice");
        client.go("disk");
        try (NbdClient other = site.client(Style.SIMPLE, "disk");
                NbdClient third = site.connect();
                NbdClient fourth = site.connect()) {
            third.greet(3);
            third.startTls("bob");
            assertTrue(third.ask(OPT_LIST) == REP_ACK);
            fourth.greet(3);
            assertEquals(REP_ACK, fourth.ask(OPT_STARTTLS));
            Await.until("TLS begins", () -> tls.secured.get() == 3);
            long begun = System.nanoTime();
            site.handOver();
            assertTrue(System.nanoTime() - begun < 5_000_000_000L, "in time");
            client.awaitEnd();
            third.awaitEnd();
            fourth.awaitEnd();
            assertArrayEquals(new byte[10], other.read(0, 10));
        }
        try (NbdClient again = site.connect()) {
            again.greet(3);
            again.startTls("alice");
            again.go("disk");
        }
    }

    @Test
    void clientsThatNeverFinishTlsDoNotDelayAHandOverEachForItself() throws Exception {
        begin(true);
        List<NbdClient> stuck = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            NbdClient one = site.connect();
            stuck.add(one);
            one.greet(3);
            assertEquals(REP_ACK, one.ask(OPT_STARTTLS));
        }
        Await.until("they are in TLS's handshake", () -> tls.secured.get() == 4);
        long begun = System.nanoTime();
        site.handOver();
        long took = System.nanoTime() - begun;
        for (NbdClient one : stuck) {
            one.awaitEnd();
            one.close();
        }
        assertTrue(took < 4_000_000_000L, "it took " + took / 1_000_000 + " ms");
    }

    @Test
    void aGoUnderTlsForAHeldNameDoesNotDelayTheServersHandOver() throws Exception {
        begin(true);
        client.startTls("alice");
        List<Optional<Handover>> left = site.suspendExports();
        client.option(OPT_GO, Wire.info(Wire.utf8("disk")));
        Await.until("it waits", () -> site.info().get("in handshake").equals("1"));
        long begun = System.nanoTime();
        Handover server = site.suspendServer();
        long took = System.nanoTime() - begun;
        site.startServer(server);
        site.startExports(left);
        assertTrue(took < 1_500_000_000L, "it took " + took / 1_000_000 + " ms");
        client.awaitEnd();
    }

    @Test
    void aClientUnderTlsThatDoesNotReadHoldsUpNobody() throws IOException, Exception {
        begin(true);
        disk.backend.inline = false;
        client.startTls("alice");
        client.go("disk");
        client.deaf();
        client.submitMany(60, Wire.READ, 0, 1 << 20);
        try (NbdClient other = site.connect()) {
            other.greet(3);
            other.startTls("bob");
            other.go("disk");
            for (int i = 0; i < 100; i++) {
                assertArrayEquals(new byte[10], other.read(i, 10));
            }
        }
    }
}
