package io.diskport.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.BlockException;
import io.diskport.api.node.BlockNode;
import io.diskport.api.node.Permissions;
import io.diskport.api.options.OnOffAuto;
import io.diskport.natives.FileLocks;
import io.diskport.natives.Libc;
import io.diskport.natives.LibcConstants;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Locks between nodes, and the bytes that they stand for. */
class FileLockingTest {
    @TempDir Path folder;
    private Path path;
    private final List<BlockNode> opened = new ArrayList<>();

    @BeforeEach
    void makeFile() throws Exception {
        path = Files.write(folder.resolve("disk.raw"), new byte[4096]);
    }

    @AfterEach
    void closeAll() {
        opened.forEach(BlockNode::close);
    }

    private BlockNode open(TestContext context, OnOffAuto locking) throws BlockException {
        BlockNode node = new FileNodeDriver().open(context, new FileOptions(path, locking));
        opened.add(node);
        return node;
    }

    /** The bytes that others have locked, as seen from a descriptor of its own. */
    private Set<Integer> lockedBytes() {
        int fd = Libc.open(path.toString(), LibcConstants.O_RDWR, 0);
        Set<Integer> locked = new TreeSet<>();
        for (int i = 0; i < 300; i++) {
            if (FileLocks.probe(fd, FileLocks.F_WRLCK, i, 1) == 1) {
                locked.add(i);
            }
        }
        Libc.close(fd);
        return locked;
    }

    @Test
    void bytesFollowPermissions() throws Exception {
        BlockNode node = open(TestContext.writable(), OnOffAuto.AUTO);
        assertEquals("on", node.info().get("locking"));
        assertEquals(Set.of(), lockedBytes());
        node.setPermissions(Permissions.READ, Permissions.ALL);
        assertEquals(Set.of(100), lockedBytes());
        node.setPermissions(Permissions.ALL, Permissions.ALL);
        assertEquals(Set.of(100, 101, 103, 201, 203), lockedBytes());
        node.setPermissions(Permissions.READ_WRITE, Permissions.NONE);
        assertEquals(Set.of(100, 101, 200, 201, 203), lockedBytes());
        node.setPermissions(new Permissions(false, false, true), Permissions.ALL);
        assertEquals(Set.of(103, 201, 203), lockedBytes());
        node.setPermissions(Permissions.NONE, Permissions.ALL);
        assertEquals(Set.of(), lockedBytes());
        node.close();
        assertEquals(Set.of(), lockedBytes());
    }

    @Test
    void aReaderTakesOneByte() throws Exception {
        BlockNode node = open(TestContext.readOnly(), OnOffAuto.ON);
        assertEquals(Set.of(), lockedBytes());
        node.setPermissions(Permissions.READ, Permissions.ALL);
        assertEquals(Set.of(100), lockedBytes());
    }

    @Test
    void lockingOffTakesNone() throws Exception {
        BlockNode node = open(TestContext.writable(), OnOffAuto.OFF);
        node.setPermissions(Permissions.ALL, Permissions.NONE);
        assertEquals(Set.of(), lockedBytes());
        assertEquals("off", node.info().get("locking"));
    }

    @Test
    void aSecondWriterIsRefusedAndLeavesNothing() throws Exception {
        BlockNode first = open(TestContext.writable(), OnOffAuto.AUTO);
        first.setPermissions(Permissions.READ_WRITE, Permissions.ALL);
        Set<Integer> before = lockedBytes();
        BlockNode second = open(TestContext.writable(), OnOffAuto.AUTO);
        second.setPermissions(Permissions.READ, Permissions.ALL);
        BlockException e =
                assertThrows(
                        BlockException.class,
                        () -> second.setPermissions(Permissions.READ_WRITE, Permissions.ALL));
        assertEquals(
                "Failed to get \"write\" lock on '"
                        + path
                        + "': another process or node is using it and does not share it;"
                        + " end that, or open the file with read-only=on",
                e.getMessage());
        assertEquals(BlockException.Reason.IN_USE, e.reason());
        assertEquals(before, lockedBytes());
        first.close();
        assertEquals(Set.of(100), lockedBytes());
        second.setPermissions(Permissions.READ_WRITE, Permissions.ALL);
    }

    @Test
    void ofTwoIdleWritableNodesOneMayWrite() throws Exception {
        BlockNode first = open(TestContext.writable(), OnOffAuto.AUTO);
        BlockNode second = open(TestContext.writable(), OnOffAuto.AUTO);
        second.setPermissions(Permissions.READ_WRITE, Permissions.ALL);
        assertThrows(
                BlockException.class,
                () -> first.setPermissions(Permissions.READ_WRITE, Permissions.ALL));
        second.setPermissions(Permissions.NONE, Permissions.ALL);
        first.setPermissions(Permissions.READ_WRITE, Permissions.ALL);
        assertThrows(
                BlockException.class,
                () -> second.setPermissions(Permissions.READ_WRITE, Permissions.ALL));
        assertEquals(Set.of(100, 101, 201, 203), lockedBytes());
    }

    @Test
    void whoLocksTheWholeFileIsNotDisturbed() throws Exception {
        int other = Libc.open(path.toString(), LibcConstants.O_RDWR, 0);
        assertEquals(0, FileLocks.set(other, FileLocks.F_WRLCK, 0, 0));
        BlockNode node = open(TestContext.writable(), OnOffAuto.AUTO);
        BlockException e =
                assertThrows(
                        BlockException.class,
                        () -> node.setPermissions(Permissions.READ, Permissions.ALL));
        assertEquals(BlockException.Reason.IN_USE, e.reason());
        assertTrue(e.getMessage().contains("has locked it for itself"), e.getMessage());
        Libc.close(other);
    }

    @Test
    void readersAndAWriterLiveTogether() throws Exception {
        BlockNode writer = open(TestContext.writable(), OnOffAuto.AUTO);
        BlockNode reader = open(TestContext.readOnly(), OnOffAuto.AUTO);
        writer.setPermissions(Permissions.READ_WRITE, Permissions.ALL);
        reader.setPermissions(Permissions.READ, Permissions.ALL);
        open(TestContext.readOnly(), OnOffAuto.AUTO)
                .setPermissions(Permissions.READ, Permissions.ALL);
    }

    @Test
    void aReaderMayInsistOnNoWriter() throws Exception {
        BlockNode writer = open(TestContext.writable(), OnOffAuto.AUTO);
        writer.setPermissions(Permissions.READ_WRITE, Permissions.ALL);
        BlockNode reader = open(TestContext.readOnly(), OnOffAuto.AUTO);
        Set<Integer> before = lockedBytes();
        BlockException e =
                assertThrows(
                        BlockException.class,
                        () -> reader.setPermissions(Permissions.READ, Permissions.READ));
        assertTrue(e.getMessage().contains("locking=off"), e.getMessage());
        assertEquals(before, lockedBytes());
    }
}
