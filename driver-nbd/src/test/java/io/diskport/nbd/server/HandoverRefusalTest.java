package io.diskport.nbd.server;

import static io.diskport.nbd.testing.Wire.OPT_LIST;
import static io.diskport.nbd.testing.Wire.READ;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.BlockException;
import io.diskport.api.Handover;
import io.diskport.nbd.testing.Await;
import io.diskport.nbd.testing.NbdClient;
import io.diskport.nbd.testing.Wire;
import io.diskport.nbd.testing.Wire.Style;
import io.diskport.testkit.fake.MemoryBackend;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is hard to hand over, or cannot be, and what becomes of it. */
@Timeout(60)
class HandoverRefusalTest {
    private final Style style = Style.STRUCTURED;
    private Site site;
    private Site.Offered disk;
    private NbdClient client;

    @BeforeEach
    void connect() throws Exception {
        site = new Site();
        disk = site.offer("disk", MemoryBackend.of(1 << 20));
        client = site.client(style, "disk");
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        site.close();
    }

    private void works() throws IOException {
        byte[] data = Wire.pattern(5000, System.nanoTime());
        client.write(10_000, data);
        assertArrayEquals(data, client.read(10_000, 5000));
    }

    @Test
    void manyRequestsThatWaitTheirTurnAreLeftInTime() throws Exception {
        disk.backend.fill(1, Wire.pattern(512, 1));
        // Its buffers become as large as they may.
        disk.backend.inline = true;
        for (int i = 0; i < 8; i++) {
            for (long cookie : client.submitMany(8000, READ, 1, 1)) {
                client.await(cookie);
            }
        }
        disk.backend.inline = false;
        disk.backend.slowness = 15_000_000;
        List<Long> reads = client.submitMany(8000, READ, 1, 512);
        // By then it has received most of the others.
        List<Long> first = reads.subList(0, 1500);
        for (long cookie : first) {
            assertEquals(0, client.await(cookie).error);
        }
        FutureTask<Void> handOver =
                new FutureTask<>(
                        () -> {
                            site.handOver();
                            disk.backend.slowness = 0;
                            return null;
                        });
        new Thread(handOver).start();
        for (long cookie : reads.subList(first.size(), reads.size())) {
            assertArrayEquals(Wire.pattern(512, 1), client.await(cookie).data);
        }
        handOver.get();
        works();
    }

    @Test
    void whoHangsInTheNodeIsDroppedAndOthersAreNot() throws Exception {
        MemoryBackend hangs = MemoryBackend.of(4096);
        site.offer("hangs", hangs);
        hangs.hang();
        try (NbdClient other = site.client(style, "hangs")) {
            other.submit(READ, 0, 0, 100);
            Await.until("it hangs", () -> hangs.hanging.get() == 1);
            for (Site.Offered one : site.offered) {
                long begun = System.nanoTime();
                Optional<Handover> left = one.export.suspend();
                long took = System.nanoTime() - begun;
                assertTrue(took < 5_000_000_000L, "it took " + took / 1_000_000 + " ms");
                if (one == disk) {
                    site.offered.remove(one);
                    site.startAgain(one, left);
                    site.offered.add(one);
                }
            }
            assertEquals(0, other.awaitEnd());
            works();
        }
        hangs.goOn();
        site.offered.removeIf(one -> one.backend == hangs);
    }

    @ParameterizedTest
    @CsvSource({"other, 1", "nbd-export, 2", "nbd-export, 0"})
    void whatAnUnknownVersionLeftOfAnExportIsClosed(String format, int major) throws Exception {
        Handover left = site.suspendExports().get(0).orElseThrow();
        site.startServer(site.suspendServer());
        site.startExports(List.of(Optional.of(new Handover(format, major, left.state()))));
        assertEquals(0, client.awaitEnd());
        try (NbdClient again = site.client(style, "disk")) {
            assertArrayEquals(new byte[5], again.read(0, 5));
        }
    }

    @ParameterizedTest
    @CsvSource({"other, 1", "nbd-server, 2", "nbd-server, 0"})
    void whatAnUnknownVersionLeftOfAServerIsClosed(String format, int major) throws Exception {
        try (NbdClient halfway = site.connect()) {
            halfway.greet(3);
            assertEquals(Wire.REP_ACK, halfway.ask(OPT_LIST));
            List<Optional<Handover>> left = site.suspendExports();
            Handover server = site.suspendServer();
            site.startServer(new Handover(format, major, server.state()));
            site.startExports(left);
            halfway.awaitEnd();
        }
        works();
        try (NbdClient again = site.client(style, "disk")) {
            assertArrayEquals(new byte[5], again.read(0, 5));
        }
    }

    @Test
    void whatAnExportLeftIsClosedWhereItsNameIsTaken() throws Exception {
        List<Optional<Handover>> left = site.suspendExports();
        site.startServer(site.suspendServer());
        site.offered.clear();
        disk = site.offer("disk", MemoryBackend.of(4096));
        assertThrows(BlockException.class, () -> site.startExports(left));
        assertEquals(0, client.awaitEnd());
        site.offered.clear();
    }
}
