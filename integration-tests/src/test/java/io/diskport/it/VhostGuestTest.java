package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The virtio-blk driver of Linux itself, in a virtual machine of QEMU. */
class VhostGuestTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int MIB = 1 << 20;

    @RegisterExtension private final Bench bench = new Bench();

    private Shell shell;
    private Path socket;

    @BeforeAll
    static void need() throws IOException {
        Guest.need();
    }

    @BeforeEach
    void start() throws IOException {
        socket = bench.socket("vhost");
        shell = bench.shell().ready();
        shell.awaitRow("drivers", "export  vhost-user-blk", "serving", Daemon.START);
    }

    @Test
    void fileSystemIsWholeAndItsFilesAreThere() throws IOException {
        onlyLong();
        Path image = export(256, "serial=it is mine 123");

        String said =
                new Guest.Machine(bench, "vhost-files.sh")
                        .disk(socket, 2)
                        .word("SERIAL", "it is mine 123")
                        .start()
                        .content();

        assertBothQueues(said);
        bench.run("e2fsck", "-fn", image).ok();
        List<String> sums = sums(said);
        assertEquals(6, sums.size(), said);
        for (String sum : sums) {
            String[] words = sum.split(" +");
            Path copy = bench.folder().resolve(words[1]);
            bench.run("debugfs", "-R", "dump %s %s".formatted(words[1], copy), image).ok();
            assertEquals(words[0], sha256(Files.readAllBytes(copy)), words[1]);
        }
        String info = shell.type("export-info disk");
        assertTrue(Shell.row(info, "discard").matches("discard +[1-9].*"), info);
        assertTrue(Shell.row(info, "flush").matches("flush +[1-9].*"), info);
        assertTrue(Shell.row(info, "failed").matches("failed +0 *"), info);
        shell.end();
    }

    @Test
    void everythingThatIsWrittenIsRead() {
        onlyLong();
        export(64);
        assertBothQueues(
                new Guest.Machine(bench, "vhost-verify.sh").disk(socket, 2).start().content());
    }

    @Test
    void nodeThatIsSlowIsServedAsWell() {
        onlyLong();
        Path image = bench.site().image("direct.raw", 64L * MIB);
        shell.perform(
                "node-add file node-name=disk cache.direct=on discard=unmap filename=" + image);
        VhostTools.add(shell, "disk", "disk", socket, "num-queues=2");
        new Guest.Machine(bench, "vhost-verify.sh").disk(socket, 2).start().content();
    }

    @Test
    void guestSeesTheNewLength() {
        onlyLong();
        export(64);
        Guest guest = new Guest.Machine(bench, "vhost-resize.sh").disk(socket, 2).start();
        guest.await("sectors 131072", Guest.BOOT);
        shell.perform("node-resize disk 128M");
        guest.await("used to its end", SOON);
        shell.perform("node-resize disk 96M");
        guest.content();
    }

    @Test
    void readOnlyDiskStaysAsItIs() throws IOException {
        onlyLong();
        Path image = bench.site().image("disk.raw", 64L * MIB);
        byte[] content = random(1);
        write(image, 0, content);
        shell.perform("node-add file node-name=disk filename=" + image);
        shell.perform(VhostTools.addition("disk", "disk", socket));

        new Guest.Machine(bench, "vhost-read-only.sh")
                .disk(socket, 1)
                .word("SUM", sha256(content))
                .start()
                .content();

        assertEquals(sha256(content), sha256(read(image, 0)));
    }

    @Test
    void twoDisksAreTwo() throws IOException {
        onlyLong();
        Path second = bench.socket("second");
        Path one = export(64, "serial=first");
        Path other = bench.site().image("other.raw", 64L * MIB);
        shell.perform("node-add file node-name=other filename=" + other);
        VhostTools.add(shell, "other", "other", second, "serial=second");

        String said =
                new Guest.Machine(bench, "vhost-two.sh")
                        .disk(socket, 2)
                        .disk(second, 1)
                        .start()
                        .content();

        assertEquals(
                List.of(begin(one) + "  vdb", begin(other) + "  vdc"),
                sums(said),
                "the first 16 MiB of both");
    }

    /** QEMU's table of memory has two regions then: below the hole for devices, and above 4 GiB. */
    @Test
    void guestHasMemoryInTwoRegions() throws IOException {
        onlyLong();
        Require.that(
                available() > 6L << 20, "needs 6 GiB of memory that is available for a big guest");
        int step = 192;
        Path image = export(3072);
        List<String> sums = new ArrayList<>();
        for (int number = 0; number < 16; number++) {
            byte[] content = random(number);
            write(image, (long) number * step * MIB, content);
            sums.add(sha256(content));
        }

        String said =
                new Guest.Machine(bench, "vhost-memory.sh")
                        .disk(socket, 2)
                        .memory(5120)
                        .within(Duration.ofMinutes(8))
                        .word("SUMS", String.join(" ", sums))
                        .word("STEP", step)
                        .start()
                        .content();

        List<String> written = sums(said);
        assertEquals(sums.size(), written.size(), said);
        for (int number = 0; number < sums.size(); number++) {
            assertEquals(
                    written.get(number), sha256(read(image, (long) number * step * MIB)), said);
        }
    }

    /** A file node and a writable export of it, both named disk, with two queues. */
    private Path export(int mebibytes, String... more) {
        Path image = bench.site().image("disk.raw", (long) mebibytes * MIB);
        shell.perform("node-add file node-name=disk discard=unmap filename=" + image);
        String[] quoted = Arrays.copyOf(more, more.length + 1);
        for (int at = 0; at < more.length; at++) {
            quoted[at] = "'" + more[at] + "'";
        }
        quoted[more.length] = "num-queues=2";
        VhostTools.add(shell, "disk", "disk", socket, quoted);
        return image;
    }

    private static void onlyLong() {
        Assumptions.assumeTrue(Distribution.isLong(), "only with -Ddiskport.long=true");
    }

    /** Two lines of the guest's table of interrupts say that both queues' came. */
    private static void assertBothQueues(String said) {
        List<String> queues =
                said.lines().filter(line -> line.matches(".*virtio[0-9]+-req\\.[01]")).toList();
        List<String> last = queues.subList(Math.max(0, queues.size() - 2), queues.size());
        assertEquals(2, last.size(), said);
        for (String line : last) {
            long interrupts = 0;
            for (String word : line.strip().split(" +")) {
                interrupts += word.matches("[0-9]+") ? Long.parseLong(word) : 0;
            }
            assertTrue(interrupts > 0, line);
        }
    }

    private static List<String> sums(String said) {
        return said.lines()
                .filter(line -> line.startsWith("sum "))
                .map(line -> line.substring(4))
                .toList();
    }

    private static byte[] random(long seed) {
        byte[] content = new byte[MIB];
        new Random(seed).nextBytes(content);
        return content;
    }

    private static void write(Path image, long offset, byte[] content) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.seek(offset);
            file.write(content);
        }
    }

    private static byte[] read(Path image, long offset) throws IOException {
        return read(image, offset, MIB);
    }

    private static byte[] read(Path image, long offset, int length) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "r")) {
            byte[] content = new byte[length];
            file.seek(offset);
            file.readFully(content);
            return content;
        }
    }

    private static String begin(Path image) throws IOException {
        return sha256(read(image, 0, 16 * MIB));
    }

    private static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** In KiB. */
    private static long available() throws IOException {
        String table =
                Files.readAllLines(Path.of("/proc/meminfo")).stream()
                        .collect(Collectors.joining("\n"));
        return Long.parseLong(table.replaceFirst("(?s).*MemAvailable: +([0-9]+) kB.*", "$1"));
    }
}
