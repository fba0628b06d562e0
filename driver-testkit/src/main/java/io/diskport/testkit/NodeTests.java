package io.diskport.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.diskport.api.BlockException;
import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.export.BlockBackend;
import io.diskport.api.export.ShutdownMode;
import io.diskport.api.manage.Entry;
import io.diskport.api.manage.EntryState;
import io.diskport.api.manage.Kind;
import io.diskport.api.manage.Manager;
import io.diskport.api.manage.NodeEntry;
import io.diskport.api.node.RequestFlags;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/** What the tests of node drivers need of the driver: nodes, and how an export uses them. */
abstract class NodeTests extends LifeAndOptionTests {
    /**
     * The driver's own options of a node of at least 1 MiB, which does not exist yet.
     *
     * @param name the node's name, unlike that of any other of this test
     */
    protected abstract Map<String, Object> options(String name) throws Exception;

    /** Whether it can be written, and reads as what was written. */
    protected boolean writes() {
        return true;
    }

    /** Whether what was written and flushed is there when a node is made of the same options. */
    protected boolean persists() {
        return true;
    }

    /** What it reads as when it is made, from an offset; null if that is not known. */
    protected byte[] content(long offset, int length) {
        return null;
    }

    final BlockBackend open(String name) throws Exception {
        return open(name, all(name));
    }

    final BlockBackend open(String name, Map<String, Object> options) throws BlockException {
        NodeEntry node = runtime().nodes().add(options);
        assertEquals(EntryState.RUNNING, node.state());
        return export(name);
    }

    @Override
    final Kind kind() {
        return Kind.NODE;
    }

    @Override
    final Manager<? extends Entry> manager() {
        return runtime().nodes();
    }

    @Override
    final void use(String name) throws Exception {
        read(export(name), 0, 4096);
        runtime().exports().delete(name, ShutdownMode.HARD);
    }

    @Override
    final void delete(String name) throws BlockException {
        runtime().nodes().delete(name);
    }

    @Override
    final Map<String, Object> all(String name) throws Exception {
        Map<String, Object> options = new HashMap<>(options(name));
        options.put("driver", type());
        options.put("node-name", name);
        options.putIfAbsent("read-only", !writes());
        return options;
    }

    private BlockBackend export(String name) throws BlockException {
        runtime()
                .exports()
                .add(
                        Map.of(
                                "type",
                                TestExport.TYPE,
                                "id",
                                name,
                                "node-name",
                                name,
                                "writable",
                                writes()));
        return runtime().backend(name);
    }

    final void close(String name) throws BlockException {
        runtime().exports().delete(name, ShutdownMode.HARD);
        runtime().nodes().delete(name);
    }

    static byte[] pattern(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    static byte[] read(BlockBackend node, long offset, int length) throws BlockIOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(length);
        node.read(offset, buffer);
        assertEquals(0, buffer.remaining(), "filled");
        byte[] bytes = new byte[length];
        buffer.flip().get(bytes);
        return bytes;
    }

    static void write(BlockBackend node, long offset, byte[] bytes) throws BlockIOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
        node.write(offset, RequestFlags.NONE, buffer);
        assertEquals(0, buffer.remaining(), "all taken");
    }

    static void assertErrno(Errno errno, org.junit.jupiter.api.function.Executable action) {
        assertEquals(errno, assertThrows(BlockIOException.class, action).errno());
    }
}
