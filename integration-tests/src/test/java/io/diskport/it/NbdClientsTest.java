package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients of libnbd, QEMU and nbd-server see of an export; each test has its own. */
class NbdClientsTest {
    private static final long SIZE = 1 << 20;

    @RegisterExtension private static final Bench BENCH = new Bench();

    private static final AtomicInteger COUNT = new AtomicInteger();

    private static Shell shell;
    private static Path socket;

    private String name;
    private Path image;
    private String uri;

    @BeforeAll
    static void start() throws IOException {
        NbdTools.need();
        socket = BENCH.socket("nbd");
        shell = BENCH.shell().ready();
        shell.perform("object-add nbd-server id=local addr.type=unix addr.path=" + socket);
    }

    @BeforeEach
    void export() {
        name = "disk" + COUNT.incrementAndGet();
        image = BENCH.site().image(name, SIZE);
        shell.perform(
                "node-add file node-name=" + name + " discard=unmap filename=" + image.toString());
        shell.perform(
                "export-add nbd id=%s node-name=%s writable=on allocation-depth=on server=local"
                        .formatted(name, name));
        uri = NbdTools.uri(socket, name);
    }

    @Test
    void infoSaysWhatTheExportCan() {
        String said = BENCH.run("nbdinfo", uri).ok();
        for (String line :
                List.of(
                        "newstyle-fixed without TLS, using structured packets",
                        "export-size: 1048576 (1M)",
                        "base:allocation",
                        "qemu:allocation-depth",
                        "is_read_only: false",
                        "block_size_minimum: 1",
                        "block_size_maximum: 33554432")) {
            assertTrue(said.contains(line), () -> "'" + line + "' in " + said);
        }
        assertEquals("1048576", BENCH.run("nbdinfo", "--size", uri).ok().strip());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cache",
                "df",
                "fast-zero",
                "flush",
                "fua",
                "multi-conn",
                "trim",
                "write",
                "zero"
            })
    void can(String what) {
        BENCH.run("nbdinfo", "--can", what, uri).ok();
    }

    @Test
    void whatIsReadOnlySaysSo() {
        shell.perform("export-add nbd id=seen name=seen server=local node-name=" + name);
        String seen = NbdTools.uri(socket, "seen");
        BENCH.run("nbdinfo", "--is", "read-only", seen).ok();
        assertEquals(2, BENCH.run("nbdinfo", "--is", "read-only", uri).status());
        assertEquals(2, BENCH.run("nbdinfo", "--can", "write", seen).status());
        assertEquals(2, BENCH.run("nbdinfo", "--can", "trim", seen).status());
    }

    @Test
    void writesToWhatIsReadOnlyAreRefused() {
        shell.perform("export-add nbd id=kept name=kept server=local node-name=" + name);
        nbdsh(
                NbdTools.uri(socket, "kept"),
                """
                h.set_strict_mode(0)
                for refused in (lambda: h.pwrite(b"x" * 512, 0), lambda: h.zero(512, 0),
                                lambda: h.trim(512, 0)):
                    try:
                        refused()
                        raise SystemExit("it was not refused")
                    except nbd.Error as e:
                        assert e.errno == "EPERM", e
                assert h.pread(512, 0) == bytes(512)
                """);
    }

    @Test
    void listShowsNamesAndDescriptions() {
        shell.perform(
                "export-add nbd id=told name=told description=mine server=local node-name=" + name);
        String said = BENCH.run("nbdinfo", "--list", NbdTools.uri(socket, "")).ok();
        assertTrue(said.contains("export=\"" + name + "\":"), said);
        assertTrue(said.contains("export=\"told\":\n\tdescription: mine"), said);
    }

    @Test
    void oldListProgramShowsNames() {
        Require.tool("nbd-client", "nbd-client");
        shell.perform("object-add nbd-server id=port addr.type=inet addr.port=0");
        shell.perform("export-add nbd id=listed node-name=%s server=port".formatted(name));
        String port = NbdTools.uri(shell, "listed").replaceFirst(".*:([0-9]+)/.*", "$1");
        String said = BENCH.run("nbd-client", "-l", "localhost", port).ok();
        assertTrue(said.lines().anyMatch(name::equals), said);
    }

    @Test
    void mapsShowDataAndHoles() {
        nbdsh(uri, "h.pwrite(b'd' * 65536, 65536)");
        assertEquals(
                "0 65536 3 hole,zero\n65536 65536 0 data\n131072 917504 3 hole,zero\n",
                map("--map"));
        assertEquals(
                "0 65536 0 absent\n65536 65536 1 local\n131072 917504 0 absent\n",
                map("--map=qemu:allocation-depth"));
        String qemu = BENCH.run("qemu-img", "map", "--output=json", "-f", "raw", uri).ok();
        assertTrue(qemu.contains("\"start\": 65536, \"length\": 65536, \"depth\": 0,"), qemu);
        assertTrue(qemu.contains("\"data\": true, \"offset\": 65536"), qemu);
    }

    @Test
    void trimmedAndZeroedRangesAreHolesOfTheImage() {
        nbdsh(
                uri,
                """
                h.pwrite(b"d" * 262144, 0)
                h.trim(65536, 0)
                h.zero(65536, 131072)
                """);
        assertEquals(
                "0 65536 3 hole,zero\n65536 65536 0 data\n131072 65536 3 hole,zero\n"
                        + "196608 65536 0 data\n262144 786432 3 hole,zero\n",
                map("--map"));
    }

    /** Simple replies (0) and structured ones (1). */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void everyCommandDoesWhatItSays(int structured) {
        nbdshWith(
                """
                h.set_request_structured_replies(%s)
                h.connect_uri("%s")
                assert h.get_structured_replies_negotiated() == %s
                d = bytes(i %% 251 for i in range(70000))
                h.pwrite(d, 12345)
                assert h.pread(70000, 12345) == d
                h.pwrite(d[:1000], 12346, nbd.CMD_FLAG_FUA)
                assert h.pread(1002, 12345) == d[:1] + d[:1000] + d[1001:1002]
                h.zero(5000, 20001)
                h.zero(100, 40000, nbd.CMD_FLAG_NO_HOLE | nbd.CMD_FLAG_FUA)
                h.trim(4096, 49152)
                h.cache(8192, 3)
                h.flush()
                seen = h.pread(70000, 12345)
                assert seen[20001 - 12345:25001 - 12345] == bytes(5000)
                assert seen[40000 - 12345:40100 - 12345] == bytes(100)
                assert seen[49152 - 12345:53248 - 12345] == bytes(4096)
                assert seen[60000 - 12345:] == d[60000 - 12345:]
                h.shutdown()
                """
                        .formatted(
                                structured == 1 ? "True" : "False",
                                uri,
                                structured == 1 ? "True" : "False"));
    }

    @Test
    void holesAreSentAsHoles() {
        nbdsh(
                uri,
                """
                h.pwrite(b"d" * 65536, 0)
                def chunks(offset, flags=0):
                    seen = []
                    h.pread_structured(65536, offset,
                                       lambda b, o, s, e: seen.append((o, len(b), s)) or 0, flags)
                    return seen
                assert chunks(0) == [(0, 65536, nbd.READ_DATA)], chunks(0)
                assert chunks(65536) == [(65536, 65536, nbd.READ_HOLE)], chunks(65536)
                whole = chunks(65536, nbd.CMD_FLAG_DF)
                assert whole == [(65536, 65536, nbd.READ_DATA)], whole
                """);
    }

    @Test
    void statusOfOneExtent() {
        nbdsh(
                uri,
                """
                h.pwrite(b"d" * 65536, 65536)
                seen = []
                h.block_status(1048576, 0, lambda m, o, e, err: seen.append((m, o, e)) or 0)
                assert seen == [("base:allocation", 0, [65536, 3, 65536, 0, 917504, 3])], seen
                seen.clear()
                h.block_status(900000, 70000, lambda m, o, e, err: seen.append((m, o, e)) or 0,
                               nbd.CMD_FLAG_REQ_ONE)
                assert seen == [("base:allocation", 70000, [61072, 0])], seen
                """);
    }

    @Test
    void whatIsOutsideIsRefusedAndTheConnectionGoesOn() {
        nbdsh(
                uri,
                """
                h.set_strict_mode(0)
                for errno, outside in (("EINVAL", lambda: h.pread(512, 1048576 - 511)),
                                       ("EINVAL", lambda: h.trim(512, 1048576)),
                                       ("ENOSPC", lambda: h.pwrite(b"x" * 512, 1048576 - 511)),
                                       ("ENOSPC", lambda: h.zero(512, 2 ** 62))):
                    try:
                        outside()
                        raise SystemExit("it was not refused")
                    except nbd.Error as e:
                        assert e.errno == errno, (errno, e)
                assert h.pread(512, 1048576 - 512) == bytes(512)
                """);
    }

    @Test
    void whatOneConnectionFlushesOfAnotherIsInTheImage() throws IOException {
        nbdsh(
                uri,
                """
                import os
                other = nbd.NBD()
                other.connect_uri("%s")
                assert h.can_multi_conn()
                h.pwrite(b"first" * 100, 700)
                other.flush()
                assert other.pread(500, 700) == b"first" * 100
                assert os.pread(os.open("%s", os.O_RDONLY), 500, 700) == b"first" * 100
                """
                        .formatted(uri, image));
    }

    @Test
    void largestRequest() {
        shell.perform("node-add memory node-name=large size=64M");
        shell.perform("export-add nbd id=large node-name=large writable=on server=local");
        nbdsh(
                NbdTools.uri(socket, "large"),
                """
                d = bytes(range(256)) * (32 * 4096)
                h.pwrite(d, 12345)
                assert h.pread(len(d), 12345) == d
                """);
    }

    @Test
    void manyRequestsAtOnceComeBackEachWithItsOwn() {
        nbdsh(
                uri,
                """
                for i in range(256):
                    h.aio_pwrite(nbd.Buffer.from_bytearray(bytearray([i]) * 4096), i * 4096)
                while h.aio_in_flight() > 0:
                    h.poll(-1)
                read = [nbd.Buffer(4096) for i in range(256)]
                for i in reversed(range(256)):
                    h.aio_pread(read[i], i * 4096)
                while h.aio_in_flight() > 0:
                    h.poll(-1)
                for i in range(256):
                    assert read[i].to_bytearray() == bytearray([i]) * 4096, i
                """);
    }

    @Test
    void qemuConvertsToItAndBack() {
        Path source = BENCH.folder().resolve("source.qcow2");
        Path back = BENCH.folder().resolve("back.qcow2");
        BENCH.run("qemu-img", "create", "-q", "-f", "qcow2", source, SIZE).ok();
        BENCH.run("qemu-io", "-c", "write -P 7 100k 300k", source).ok();
        BENCH.run("qemu-img", "convert", "-n", "-O", "raw", source, uri).ok();
        BENCH.run("qemu-img", "compare", "-F", "raw", source, uri).ok();
        BENCH.run("qemu-img", "convert", "-O", "qcow2", uri, back).ok();
        BENCH.run("qemu-img", "compare", source, back).ok();
    }

    @Test
    void qemuFindsItsPatterns() {
        String said =
                BENCH.run(
                                "qemu-io",
                                "-f",
                                "raw",
                                uri,
                                "-c",
                                "write -P 1 0 256k",
                                "-c",
                                "write -f -P 2 64k 64k",
                                "-c",
                                "write -z 128k 32k",
                                "-c",
                                "write -z -u 160k 32k",
                                "-c",
                                "discard 192k 64k",
                                "-c",
                                "aio_write -P 3 300k 33k",
                                "-c",
                                "aio_write -P 4 400k 11k",
                                "-c",
                                "aio_flush",
                                "-c",
                                "flush",
                                "-c",
                                "read -P 1 0 64k",
                                "-c",
                                "read -P 2 64k 64k",
                                "-c",
                                "read -P 0 128k 128k",
                                "-c",
                                "aio_read -P 3 300k 33k",
                                "-c",
                                "read -P 4 400k 11k",
                                "-c",
                                "aio_flush")
                        .ok();
        assertTrue(!said.contains("failed") && !said.contains("rror"), said);
    }

    private String map(String how) {
        return BENCH.run("nbdinfo", how, uri)
                .ok()
                .lines()
                .map(line -> line.strip().replaceAll(" +", " ") + "\n")
                .collect(java.util.stream.Collectors.joining());
    }

    private static void nbdsh(String address, String script) {
        BENCH.run(NbdTools.nbdsh(address, script)).ok();
    }

    private static void nbdshWith(String script) {
        BENCH.run(NbdTools.nbdshWith(script)).ok();
    }
}
