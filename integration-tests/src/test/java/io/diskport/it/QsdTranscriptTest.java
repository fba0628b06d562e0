package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The same sessions with Diskport and, where it is installed, with QEMU's storage daemon, reply by
 * reply.
 */
class QsdTranscriptTest {
    @RegisterExtension private final Bench bench = new Bench();

    static Stream<Arguments> sessions() throws IOException {
        try (Stream<Path> files = Files.list(folder())) {
            List<Path> transcripts =
                    files.filter(file -> file.toString().endsWith(".transcript")).sorted().toList();
            return transcripts.stream()
                    .flatMap(
                            file ->
                                    Stream.of(StorageDaemon.values())
                                            .map(
                                                    daemon ->
                                                            Arguments.of(
                                                                    daemon,
                                                                    file.getFileName()
                                                                            .toString())));
        }
    }

    private static Path folder() {
        return Distribution.classes(QsdTranscriptTest.class).resolve("transcripts");
    }

    /** In another process: QEMU's daemon does not wait for its own server. */
    private void serve(Path folder) {
        Require.tool("qemu-nbd", "qemu-utils");
        Path socket = folder.resolve("server");
        bench.client(
                "qemu-nbd",
                "--persistent",
                "--format=raw",
                "--export-name=e",
                "--socket=" + socket,
                folder.resolve("disk.raw"));
        Await.until("the server is there", Daemon.START, () -> Files.exists(socket));
    }

    @ParameterizedTest
    @MethodSource("sessions")
    void answersAsRecorded(StorageDaemon daemon, String name) throws Exception {
        daemon.need();
        Transcript transcript = Transcript.read(folder().resolve(name));
        if (transcript.needs().equals("fuse")) {
            Require.fuse();
        }
        Path folder = bench.socket("session");
        Files.createDirectory(folder);
        Site.image(folder.resolve("disk.raw"), 1 << 20);
        Site.image(folder.resolve("mountpoint"), 1 << 16);
        Site.image(folder.resolve("other"), 1 << 16);
        if (transcript.needs().equals("nbd")) {
            serve(folder);
        }
        List<String> arguments = new ArrayList<>();
        for (String argument : transcript.arguments()) {
            arguments.add(argument.replace("$DIR", folder.toString()));
        }
        arguments.addAll(List.of("--chardev", "stdio,id=c", "--monitor", "c"));
        String tooLong = "x".repeat(4097);
        Process process = daemon.start(folder, arguments);
        try (QmpClient client = bench.closing(QmpClient.of(process))) {
            List<String> differences = new ArrayList<>();
            for (Transcript.Exchange exchange : transcript.exchanges()) {
                List<String> said = new ArrayList<>();
                List<String> lines =
                        exchange.request().isEmpty()
                                ? List.of(client.line())
                                : client.ask(
                                        exchange.request()
                                                .replace("$DIR", folder.toString())
                                                .replace("$LONG", tooLong));
                lines.forEach(
                        line ->
                                said.add(
                                        Transcript.normal(line.replace(tooLong, "$LONG"), folder)));
                List<String> expected = exchange.expected(daemon);
                if (!Transcript.fits(expected, said)) {
                    differences.add(
                            "> "
                                    + exchange.request()
                                    + "\nexpected "
                                    + expected
                                    + "\nbut said "
                                    + said);
                }
            }
            assertEquals(QmpClient.END, client.line());
            assertTrue(process.waitFor(Daemon.END.toSeconds(), TimeUnit.SECONDS), "has ended");
            assertTrue(
                    differences.isEmpty(),
                    () -> differences.size() + " differ:\n" + String.join("\n", differences));
            assertEquals(transcript.end(), process.exitValue(), StorageDaemon.said(folder));
        } finally {
            process.destroyForcibly();
        }
    }
}
