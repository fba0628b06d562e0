package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A listening socket that somebody else has made: socket activation. */
class NbdActivationTest {
    @RegisterExtension private final Bench bench = new Bench();

    private String uri;
    private Daemon daemon;

    @BeforeEach
    void activate() throws IOException {
        NbdTools.need();
        Path socket = bench.socket("inherited");
        uri = NbdTools.uri(socket, "m");
        bench.site().desireNode("m", "memory", "size = 8M");
        bench.site().desireObject("srv", "nbd-server", "addr.type = inherited");
        bench.site().desireNbd("m", "srv");
        List<String> before =
                new ArrayList<>(
                        Stream.of(NbdTools.client("activate.py", socket))
                                .map(Object::toString)
                                .toList());
        daemon =
                bench.closing(new Daemon(bench.site(), Distribution.javaHome(), before, List.of()));
        daemon.awaitLog("Export 'm' (nbd) is running", Daemon.START);
    }

    @Test
    void clientsComeThroughIt() {
        assertTrue(bench.run("nbdinfo", uri).ok().contains("export-size: 8388608"), "its size");
    }

    @Test
    void itLivesThroughAnUpdateOfTheDriver() throws IOException {
        Path data = bench.folder().resolve("data");
        Path back = bench.folder().resolve("back");
        bench.run("dd", "if=/dev/urandom", "of=" + data, "bs=1M", "count=8").ok();
        NbdTools.copy(bench, data, uri);
        int said = daemon.log().length();
        bench.site().redeploy("driver-nbd.jar");
        daemon.awaitLog(said, "Export 'm' (nbd) is running", Daemon.START);
        NbdTools.copy(bench, uri, back);
        assertTrue(Files.mismatch(data, back) < 0, "the same bytes");
    }
}
