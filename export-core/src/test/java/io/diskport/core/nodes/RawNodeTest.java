package io.diskport.core.nodes;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.node.BlockLimits;
import io.diskport.api.node.BlockNode;
import io.diskport.api.node.Extent;
import io.diskport.api.node.FileLease;
import io.diskport.api.node.Permissions;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RawNodeTest {
    private final FakeChild child = new FakeChild(10_000);
    private final FakeContext context = new FakeContext(child, null);

    @Test
    void showsAPartOfItsChild() throws Exception {
        BlockNode node = open(",offset=1000,size=2000");
        node.setPermissions(Permissions.READ_WRITE, Permissions.ALL);
        assertEquals(2000, node.length());
        node.write(5, 0, ByteBuffer.wrap(new byte[] {1, 2}));
        assertTrue(node.tryWrite(7, 0, ByteBuffer.wrap(new byte[] {3})));
        ByteBuffer back = ByteBuffer.allocate(4);
        child.memory.read(1004, back);
        assertArrayEquals(new byte[] {0, 1, 2, 3}, back.array());
        assertTrue(node.tryRead(4, back.clear()));
        assertArrayEquals(new byte[] {0, 1, 2, 3}, back.array());
        node.writeZeroes(6, 1, 0);
        node.read(4, back.clear());
        assertArrayEquals(new byte[] {0, 1, 0, 3}, back.array());
        assertEquals(Extent.data(100), node.status(0, 100));
    }

    @Test
    void followsTheLengthOfItsChildWithoutASizeOfItsOwn() throws Exception {
        BlockNode node = open(",offset=1000");
        node.setPermissions(Permissions.ALL, Permissions.ALL);
        assertEquals(9000, node.length());
        node.truncate(500);
        assertEquals(500, node.length());
        assertEquals(1500, child.length());
        child.memory.truncate(10);
        child.listener.lengthChanged(10);
        assertEquals(0, node.length());
        assertEquals(List.of(500L, 0L), context.lengths);
        child.listener.limitsChanged(BlockLimits.ANY);
        assertEquals(1, context.limitsChanges);
    }

    @Test
    void sizeFixesTheLength() throws Exception {
        BlockNode node = open(",size=100");
        node.setPermissions(Permissions.ALL, Permissions.ALL);
        BlockIOException e = assertThrows(BlockIOException.class, () -> node.truncate(50));
        assertEquals(Errno.EOPNOTSUPP, e.errno());
        child.truncate(20_000);
        assertEquals(100, node.length());
        assertEquals(List.of(), context.lengths);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "offset=10001|Offset (10001) cannot be greater than size of the containing file"
                        + " (10000), which is node 'child'",
                "offset=1,size=10000|The sum of offset (1) and size (10000) has to be smaller or"
                        + " equal to the actual size of the containing file (10000), which is node"
                        + " 'child'",
                "size=8388607T|The sum of offset (0) and size (9223370937343148032) has to be"
                        + " smaller or equal to the actual size of the containing file (10000),"
                        + " which is node 'child'"
            })
    void partHasToBeInside(String options, String message) {
        BlockException e = assertThrows(BlockException.class, () -> open("," + options));
        assertEquals(message, e.getMessage());
    }

    @Test
    void leavesAlignmentOfRequestsToTheChild() throws Exception {
        child.limits = new BlockLimits(512, 4096, 65536, 1 << 20, 4096, 8);
        assertEquals(new BlockLimits(1, 1, 65536, 1 << 20, 4096, 8), open("").limits());
        assertEquals(1, open(",offset=100").limits().discardAlignment());
    }

    @Test
    void passesPermissionsOn() throws Exception {
        BlockNode node = open("");
        assertEquals(Permissions.NONE, child.held);
        Permissions writeOnly = new Permissions(false, true, false);
        node.setPermissions(writeOnly, Permissions.READ);
        assertEquals(writeOnly, child.held);
        assertEquals(Permissions.READ, child.shared);
        child.refused = new Permissions(false, false, true);
        assertThrows(
                BlockException.class, () -> node.setPermissions(Permissions.ALL, Permissions.NONE));
        assertEquals(writeOnly, child.held);
        assertEquals(Permissions.READ, child.shared);
    }

    @ParameterizedTest
    @CsvSource({
        "qcow2, QFI\u00fb, 0",
        "vmdk, KDMV, 0",
        "vmdk, COWD, 0",
        "vmdk, # Disk DescriptorFile, 0",
        "vdi, \u007f\u0010\u00da\u00be, 64",
        "vhdx, vhdxfile, 0"
    })
    void isNotWrittenWhereTheContentBeginsLikeAnImage(String format, String magic, int at)
            throws Exception {
        BlockNode node = open("");
        node.setPermissions(Permissions.READ, Permissions.ALL);
        child.fill(at, magic);
        BlockException e =
                assertThrows(
                        BlockException.class,
                        () -> node.setPermissions(Permissions.READ_WRITE, Permissions.READ));
        assertEquals(
                "Node 'n' is raw, and node 'child' begins like a "
                        + format
                        + " image, which writing would destroy; use it read-only, or say"
                        + " format-probe=off",
                e.getMessage());
        assertEquals(Reason.DENIED, e.reason());
        assertEquals(Permissions.READ, child.held);
        assertEquals(Permissions.ALL, child.shared);
        assertEquals(
                e.getMessage(), assertThrows(BlockException.class, () -> open("")).getMessage());
        open(",format-probe=off").setPermissions(Permissions.READ_WRITE, Permissions.READ);
        assertEquals(Permissions.READ_WRITE, child.held);
    }

    @Test
    void offsetDoesNotHideAnImage() throws Exception {
        child.fill(0, "vhdxfile");
        assertThrows(
                BlockException.class,
                () -> open(",offset=100").setPermissions(Permissions.ALL, Permissions.ALL));
        child.fill(0, "notvhdx.");
        child.fill(100, "KDMV");
        assertThrows(
                BlockException.class,
                () -> open(",offset=100").setPermissions(Permissions.ALL, Permissions.ALL));
    }

    @Test
    void whatIsWrittenThroughItDoesNotStopIt() throws Exception {
        BlockNode node = open("");
        node.setPermissions(Permissions.READ_WRITE, Permissions.ALL);
        child.fill(0, "KDMV");
        node.setPermissions(Permissions.ALL, Permissions.ALL);
        assertEquals(Permissions.ALL, child.held);
    }

    @Test
    void emptyAndTinyContentIsNoImage() throws Exception {
        child.memory.truncate(0);
        open("").setPermissions(Permissions.ALL, Permissions.ALL);
        child.memory.truncate(3);
        BlockNode node = open(",offset=3");
        child.memory.truncate(0);
        node.setPermissions(Permissions.ALL, Permissions.ALL);
    }

    @Test
    void lendsItsPartOfTheFile() throws Exception {
        FileLease lease = open(",offset=100,size=50").leaseFile(true, () -> {}).orElseThrow();
        assertEquals(1100, lease.offset());
        assertEquals(50, lease.length());
        assertEquals(42, lease.descriptor());
        assertTrue(lease.writable());
    }

    private BlockNode open(String options) throws BlockException {
        return new RawNodeDriver()
                .open(
                        context,
                        FakeContext.options(RawNodeDriver.Options.class, "file=child" + options));
    }
}
