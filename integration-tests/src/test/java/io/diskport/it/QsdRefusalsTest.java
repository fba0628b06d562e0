package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Command lines that are refused, by Diskport and by QEMU's storage daemon. */
class QsdRefusalsTest {
    @RegisterExtension private static final Bench BENCH = new Bench();

    /** Arguments, what QEMU's daemon says, and what Diskport says if that is something else. */
    private record Refusal(String arguments, String golden, String own) {}

    static Stream<Arguments> refusals() throws IOException {
        List<Refusal> refusals = new ArrayList<>();
        Path file =
                Distribution.classes(QsdRefusalsTest.class)
                        .resolve("transcripts")
                        .resolve("command-lines.txt");
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith("$ ")) {
                refusals.add(new Refusal(line.substring(2), "", ""));
                continue;
            }
            int last = refusals.size() - 1;
            if (line.startsWith("< ")) {
                String said = line.substring(2);
                refusals.set(last, new Refusal(refusals.get(last).arguments(), said, said));
            } else if (line.startsWith("= ")) {
                Refusal before = refusals.get(last);
                refusals.set(
                        last, new Refusal(before.arguments(), before.golden(), line.substring(2)));
            }
        }
        // Each is a start of the daemon: a third of them where time is short.
        int step = Distribution.isLong() ? 1 : 3;
        return IntStream.range(0, refusals.size())
                .filter(number -> number % step == 0)
                .mapToObj(refusals::get)
                .flatMap(
                        refusal ->
                                Stream.of(StorageDaemon.values())
                                        .map(
                                                daemon ->
                                                        Arguments.of(
                                                                daemon,
                                                                refusal.arguments(),
                                                                daemon == StorageDaemon.QEMU
                                                                        ? refusal.golden()
                                                                        : refusal.own())));
    }

    /** In one line that names the option and its value, with exit status 1. */
    @ParameterizedTest
    @MethodSource("refusals")
    void isRefusedAsRecorded(StorageDaemon daemon, String arguments, String expected)
            throws Exception {
        daemon.need();
        Process process = daemon.start(BENCH.folder(), List.of(arguments.split("\\|")));
        try {
            process.getOutputStream().close();
            assertTrue(process.waitFor(Daemon.START.toSeconds(), TimeUnit.SECONDS));
        } finally {
            process.destroyForcibly();
        }
        String said = StorageDaemon.said(BENCH.folder());
        assertEquals(1, process.exitValue(), said);
        assertTrue(said.startsWith(daemon.program() + ": " + expected), said);
        assertTrue(daemon == StorageDaemon.QEMU || said.lines().count() == 1, said);
    }
}
