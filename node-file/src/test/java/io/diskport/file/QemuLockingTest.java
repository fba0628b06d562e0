package io.diskport.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.BlockException;
import io.diskport.api.node.BlockNode;
import io.diskport.api.node.Permissions;
import io.diskport.api.options.OnOffAuto;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** QEMU's own tools beside a node on the same file. */
@Timeout(60)
class QemuLockingTest {
    @TempDir Path folder;
    private Path path;

    @BeforeEach
    void makeFile() throws Exception {
        Needs.tool("qemu-img");
        Needs.tool("qemu-io");
        path = Files.write(folder.resolve("disk.raw"), new byte[1 << 20]);
    }

    private BlockNode open(TestContext context) throws BlockException {
        return new FileNodeDriver().open(context, new FileOptions(path, OnOffAuto.AUTO));
    }

    private static void assertIdle(BlockNode node) throws BlockException {
        node.setPermissions(Permissions.READ_WRITE, Permissions.ALL);
        node.close();
    }

    private BlockException assertNotForWriting() throws BlockException {
        try (BlockNode node = open(TestContext.writable())) {
            return assertThrows(
                    BlockException.class,
                    () -> node.setPermissions(Permissions.READ_WRITE, Permissions.ALL));
        }
    }

    private Needs.Result write() throws Exception {
        return Needs.run("qemu-io", "-f", "raw", "-c", "write 0 512", path.toString());
    }

    @Test
    void qemuDoesNotWriteBesideAWriter() throws Exception {
        BlockNode node = open(TestContext.writable());
        node.setPermissions(Permissions.READ_WRITE, Permissions.ALL);
        Needs.Result refused = write();
        assertNotEquals(0, refused.status());
        assertTrue(refused.output().contains("Failed to get \"write\" lock"), refused.output());
        node.close();
        assertEquals(0, write().status());
    }

    @Test
    void qemuWritesBesideAWritableNodeThatNobodyWritesTo() throws Exception {
        BlockNode node = open(TestContext.writable());
        assertEquals(0, write().status());
        node.setPermissions(Permissions.READ, Permissions.ALL);
        assertEquals(0, write().status());
        node.setPermissions(Permissions.READ_WRITE, Permissions.ALL);
        assertNotEquals(0, write().status());
        node.close();
    }

    @Test
    void qemuReadsBesideAWriter() throws Exception {
        BlockNode node = open(TestContext.writable());
        node.setPermissions(Permissions.ALL, Permissions.ALL);
        String file = path.toString();
        assertTrue(Needs.succeed("qemu-img", "info", "-f", "raw", file).contains("1 MiB"));
        String copy = Files.copy(path, folder.resolve("copy")).toString();
        String compared =
                Needs.succeed("qemu-img", "compare", "-f", "raw", "-F", "raw", file, copy);
        assertTrue(compared.contains("identical"), compared);
        node.close();
    }

    @Test
    void qemuOpensAnImageBesideAWriterOnlyIfItSharesAll() throws Exception {
        String image = path.toString();
        // Unlike raw, this format is not read while somebody else may write it.
        Needs.succeed("qemu-img", "create", "-q", "-f", "qcow2", image, "1M");
        BlockNode node = open(TestContext.writable());
        node.setPermissions(Permissions.READ_WRITE, Permissions.ALL);
        Needs.Result refused = Needs.run("qemu-img", "info", image);
        assertNotEquals(0, refused.status());
        assertTrue(
                refused.output().contains("Failed to get shared \"write\" lock"), refused.output());
        assertTrue(Needs.succeed("qemu-img", "info", "-U", image).contains("qcow2"));
        node.close();
    }

    @Test
    void qemuWritesBesideAReader() throws Exception {
        BlockNode node = open(TestContext.readOnly());
        node.setPermissions(Permissions.READ, Permissions.ALL);
        assertEquals(0, write().status());
        node.close();
    }

    @Test
    void noNodeWritesBesideQemu() throws Exception {
        Process qemu =
                new ProcessBuilder("qemu-io", "-f", "raw", path.toString())
                        .redirectErrorStream(true)
                        .start();
        try (InputStream output = qemu.getInputStream();
                OutputStream input = qemu.getOutputStream()) {
            // an answer shows that it has opened its image
            input.write("length\n".getBytes(StandardCharsets.UTF_8));
            input.flush();
            await(output, "1 MiB");
            BlockException e = assertNotForWriting();
            assertTrue(
                    e.getMessage().startsWith("Failed to get shared \"write\" lock on '" + path),
                    e.getMessage());
            BlockNode reader = open(TestContext.readOnly());
            BlockException unshared =
                    assertThrows(
                            BlockException.class,
                            () -> reader.setPermissions(Permissions.READ, Permissions.READ));
            assertTrue(
                    unshared.getMessage()
                            .startsWith("Failed to get shared \"write\" lock on '" + path),
                    unshared.getMessage());
            reader.setPermissions(Permissions.READ, Permissions.ALL);
            input.write("write -P 7 0 512\n".getBytes(StandardCharsets.UTF_8));
            input.flush();
            await(output, "wrote 512/512");
            ByteBuffer read = ByteBuffer.allocateDirect(512);
            reader.read(0, read);
            assertEquals(7, read.get(0));
            reader.close();
        }
        assertTrue(qemu.waitFor(20, TimeUnit.SECONDS));
        assertIdle(open(TestContext.writable()));
    }

    private static void await(InputStream output, String text) throws IOException {
        StringBuilder seen = new StringBuilder();
        while (seen.indexOf(text) < 0) {
            int next = output.read();
            assertTrue(next >= 0, () -> "qemu-io ended: " + seen);
            seen.append((char) next);
        }
    }

    @Test
    void noNodeWritesBesideAStorageDaemon() throws Exception {
        Needs.tool("qemu-storage-daemon");
        Path socket = folder.resolve("nbd");
        Path pid = folder.resolve("pid");
        Process daemon =
                new ProcessBuilder(
                                "qemu-storage-daemon",
                                "--blockdev",
                                "driver=file,node-name=f,filename=" + path,
                                "--blockdev",
                                "driver=raw,node-name=r,file=f",
                                "--nbd-server",
                                "addr.type=unix,addr.path=" + socket,
                                "--export",
                                "nbd,id=e,node-name=r,writable=on",
                                "--pidfile",
                                pid.toString())
                        .inheritIO()
                        .start();
        try {
            // the pidfile is written once everything is up
            while (!Files.exists(pid)) {
                assertTrue(daemon.isAlive(), "qemu-storage-daemon ended");
                Thread.onSpinWait();
            }
            assertNotForWriting();
            open(TestContext.readOnly()).close();
        } finally {
            daemon.destroy();
            assertTrue(daemon.waitFor(20, TimeUnit.SECONDS));
        }
        assertIdle(open(TestContext.writable()));
    }
}
