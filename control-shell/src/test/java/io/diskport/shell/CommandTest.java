package io.diskport.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.manage.DriverEntry.State;
import io.diskport.api.manage.Kind;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandTest {
    private final FakeManager.Exports exports = new FakeManager.Exports(Samples.DISK, Samples.NET);
    private final FakeManager.Nodes nodes = new FakeManager.Nodes(Samples.IMAGE, Samples.FAR);
    private final FakeManager.Objects objects = new FakeManager.Objects(Samples.KEY);
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void whatWasInterruptedPrintsNoMore() {
        Thread.currentThread().interrupt();
        try {
            new Screen(new PrintStream(out), true).line("too late");
        } finally {
            assertTrue(Thread.interrupted());
        }
        assertOut("");
    }

    @Test
    void driversAreSortedAndSayWhyTheyDoNotServe() {
        Drivers command =
                new Drivers(
                        Samples.drivers(
                                Samples.driver(Kind.NODE, "file", State.SERVING, ""),
                                Samples.driver(
                                        Kind.EXPORT,
                                        "fuse",
                                        State.NOT_IN_SERVICE,
                                        "libfuse 2 is missing")));
        run(command);
        assertOut(
                """
                KIND    TYPE  BUNDLE       VERSION  STATE           REASON
                export  fuse  export-fuse  0.1.0    not in service  libfuse 2 is missing
                node    file  node-file    0.1.0    serving
                """);
    }

    @Test
    void nodesHaveTheirSizesHumanisedAndTheirUsersBeneathEachOther() {
        run(new Nodes(nodes));
        assertOut(
                """
                NODE   DRIVER   LENGTH  ALLOCATED  ACCESS      STATE    USED BY                      REASON
                image  file    256 MiB      4 KiB  read-write  running  export 'disk' (read, write)
                                                                        export 'net' (read)
                far    rbd                                     waiting                               no driver 'rbd'
                """);
    }

    @Test
    void nodesInFullAreExactAndShowOptions() {
        nodes.entries.remove(1);
        run(new Nodes(nodes), "-v", "-b");
        assertOut(
                """
                NODE   DRIVER     LENGTH  ALLOCATED  ACCESS      STATE    USED BY                      ASKED BY       OPTIONS
                image  file    268435456       4096  read-write  running  export 'disk' (read, write)  configuration  cache.direct=on
                                                                          export 'net' (read)                         filename=/srv/disk.raw
                """);
    }

    @Test
    void exportsShowWhatTheyWaitFor() {
        run(new Exports(exports));
        assertOut(
                """
                EXPORT  TYPE  NODE   ACCESS      STATE    CLIENTS     READ  WRITTEN  ADDRESS    REASON
                disk    fuse  image  read-write  running        1  256 MiB  1.5 KiB  /srv/disk
                net     nbd   image  read-only   waiting        0      0 B      0 B             no driver of type nbd serves: deploy driver-nbd.jar
                """);
    }

    @Test
    void objectsAreATable() {
        run(new Objects(objects));
        assertOut("OBJECT  TYPE    STATE\nkey     secret  running\n");
    }

    @Test
    void exportInfoShowsOptionsCountersOperationsThatOccurredAndClients() {
        run(new ExportDetails(exports), "disk");
        assertOut(
                """
                export                   disk
                type                     fuse
                node                     image
                access                   read-write
                state                    running
                asked by                 configuration
                address                  /srv/disk
                engine                   jnr-fuse
                option mountpoint        /srv/disk
                option writable          on

                REQUESTS   COUNT    BYTES     MEAN     P50     P99     MAX
                read       12345  256 MiB  12.5 us   11 us   99 us    2 ms
                write        200  1.5 KiB   900 ns  800 ns  950 ns  999 ns
                flush          3
                discard        0
                failed         1
                in flight      2

                OPERATION  FINISHED  FAILED  IN FLIGHT     MEAN    P50    P99   MAX
                LOOKUP            7       0          0  12.5 us  11 us  99 us  2 ms
                READ              0       0          1
                SETXATTR          0   12345          0

                CLIENT    REQUESTS  BYTES  DETAILS
                handle 7     12545  1 GiB  pid=42
                """);
    }

    @Test
    void exportInfoHasNoTableOfOperationsWhereNoneOccurred() {
        run(new ExportDetails(exports), "net");
        assertTrue(text(out).endsWith("in flight      0\n"), text(out));
    }

    @Test
    void anUnknownExportIsNamedWithThoseThereAre() {
        run(new ExportDetails(exports), "dsk");
        assertErr("export-info: there is no export 'dsk'; there are: disk, net\n");
    }

    @Test
    void addingHandsTheWordsToTheOptions() {
        run(new ExportAdd(exports, Samples.options()), "fuse", "id=disk", "node-name=image");
        assertEquals(List.of("add {type=fuse, id=disk, node-name=image}"), exports.calls);
        assertOut("disk is running\n");
    }

    @Test
    void addingNothingSaysHow() {
        run(new NodeAdd(nodes, Samples.options()));
        assertErr(
                "node-add: nothing was said of what to add; expected node-add DRIVER KEY=VALUE..., or node-add driver=DRIVER,KEY=VALUE,...\n");
    }

    @Test
    void aRefusalIsOneLine() {
        objects.refusal = "secret 'key':\n  no such file";
        run(new ObjectAdd(objects, Samples.options()), "secret", "id=key");
        assertErr("object-add: secret 'key': no such file\n");
    }

    @Test
    void anExportEndsSafelyUnlessToldOtherwise() {
        run(new ExportDel(exports), "disk");
        run(new ExportDel(exports), "net", "--mode", "hard");
        assertEquals(List.of("delete disk SAFE", "delete net HARD"), exports.calls);
        assertOut("disk is gone\nnet is gone\n");
    }

    @Test
    void anExportThatWaitsForItsClientsIsNotGone() {
        run(new ExportDel(exports), "--mode=hide", "disk");
        assertOut("disk ends when its clients have left\n");
    }

    @Test
    void aModeThatIsNoneIsNamed() {
        run(new ExportDel(exports), "disk", "--mode", "soon");
        assertErr(
                "export-del: --mode cannot be 'soon'; expected export-del ID [--mode safe|hard|hide|soft]\n");
    }

    @Test
    void unknownArgumentsAreNamedWithWhatIsExpected() {
        run(new NodeDel(nodes), "image", "--force");
        assertErr("node-del: unknown argument '--force'; expected node-del NODE-NAME\n");
    }

    @Test
    void argumentsTooManyOrTooFewAreNamed() {
        run(new NodeDel(nodes), "image", "far");
        run(new NodeResize(nodes), "image");
        assertErr(
                """
                node-del: unexpected argument 'far'; expected node-del NODE-NAME
                node-resize: SIZE is missing; expected node-resize NODE-NAME SIZE
                """);
    }

    @Test
    void aSizeIsParsedAndAWrongOneNamed() {
        run(new NodeResize(nodes), "image", "512M");
        run(new NodeResize(nodes), "image", "much");
        assertEquals(List.of("resize image 536870912"), nodes.calls);
        assertOut("image is 512 MiB long\n");
        assertErr(
                "node-resize: SIZE cannot be 'much': a size is a number of bytes, with k, M, G, T, P or E behind it if wanted\n");
    }

    @Test
    void optionsOfATypeComeFromItsKind() {
        Options command = new Options(fileAndFuse());
        run(command, "fuse");
        assertOut(
                """
                OPTION    VALUE        DEFAULT     MEANING
                filename  path         (required)  of a export
                locking   auto|on|off  auto        whether others are kept out
                """);
    }

    @Test
    void aTypeOfTwoKindsHasToBeToldApart() {
        run(new Options(fileAndFuse()), "file");
        assertErr(
                "options: 'file' is a type of several kinds; say one of: options node file, options object file\n");
    }

    @Test
    void aTypeThatIsNoneIsNamedWithThoseThereAre() {
        run(new Options(fileAndFuse()), "nfs");
        assertErr("options: there is no type 'nfs'; there are: file, fuse\n");
    }

    @Test
    void statsOnceShowTotals() {
        run(new Stats(exports), "-n", "1", "disk");
        assertOut(
                """
                EXPORT  STATE    READS/s  READ/s  WRITES/s  WRITTEN/s  FLUSHES/s  IN FLIGHT  ERRORS     READ  WRITTEN  CLIENTS
                disk    running        -       -         -          -          -          2       1  256 MiB  1.5 KiB        1
                """);
    }

    @Test
    void statsTwiceShowRates() {
        run(new Stats(exports), "-n", "2", "-i", "0.1", "disk");
        assertTrue(text(out).contains("\n\nEXPORT"), text(out));
        assertTrue(text(out).contains("disk    running        0     0 B"), text(out));
    }

    @Test
    void helpOfACommandHasExamples() {
        run(new ExportDel(exports), "--help");
        assertTrue(text(out).startsWith("export-del: end an export\n\nUsage:\n  export-del ID"));
        assertTrue(text(out).contains("\nExamples:\n  export-del disk\n"));
    }

    @Test
    void completionKnowsTypesIdsAndModes() {
        Completer completion =
                new Completer(fileAndFuse(), exports, nodes, objects, Samples.options());
        assertEquals(List.of("disk"), completion.complete(List.of("export-del"), "d"));
        assertEquals(
                List.of("hard", "hide"),
                completion.complete(List.of("export-del", "disk", "--mode"), "h"));
        assertEquals(List.of("file", "fuse"), completion.complete(List.of("options"), "f"));
        assertEquals(List.of("file"), completion.complete(List.of("options", "node"), ""));
        assertEquals(
                List.of("far", "image"), completion.complete(List.of("diskport:node-del"), ""));
        assertEquals(
                List.of("export [fuse] id="),
                completion.complete(List.of("export-add", "fuse"), "id="));
    }

    @Test
    void completionFindsItsWayInAWordWithCommas() {
        Completer completion =
                new Completer(fileAndFuse(), exports, nodes, objects, Samples.options());
        assertEquals(
                List.of("type=fuse,id=a,export [type=fuse, id=a] no"),
                completion.complete(List.of("export-add"), "type=fuse,id=a,no"));
    }

    @Test
    void pathsAreCompletedFoldersWithASlash(@TempDir Path folder) throws Exception {
        Files.createDirectory(folder.resolve("images"));
        Files.createFile(folder.resolve("image.raw"));
        Files.createFile(folder.resolve(".hidden"));
        assertEquals(
                List.of("filename=" + folder + "/image.raw", "filename=" + folder + "/images/"),
                Paths.complete("filename=" + folder + "/im"));
        assertEquals(2, Paths.complete("filename=" + folder + "/").size());
        assertEquals(List.of(), Paths.complete("filename=" + folder + "/nowhere/x"));
    }

    private static io.diskport.api.manage.DriverManager fileAndFuse() {
        return Samples.drivers(
                Samples.driver(Kind.NODE, "file", State.SERVING, ""),
                Samples.driver(Kind.OBJECT, "file", State.SERVING, ""),
                Samples.driver(Kind.EXPORT, "fuse", State.SERVING, ""));
    }

    private void run(Command command, String... words) {
        command.execute(null, List.of(words), new Screen(stream(out), false), stream(err));
    }

    private static PrintStream stream(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }

    private void assertOut(String expected) {
        assertEquals(expected, text(out));
    }

    private void assertErr(String expected) {
        assertEquals(expected, text(err));
    }

    private static String text(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
