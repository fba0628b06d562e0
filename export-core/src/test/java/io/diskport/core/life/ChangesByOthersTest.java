package io.diskport.core.life;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.diskport.api.export.BlockBackend;
import io.diskport.api.export.ShutdownMode;
import io.diskport.api.manage.Kind;
import io.diskport.core.nodes.RawNodeDriver;
import java.nio.ByteBuffer;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an export is told of changes that others made, for the copies that its clients keep. */
class ChangesByOthersTest {
    private final System.Logger log = System.getLogger("test");
    private final Changes changes = new Changes(log);
    private final Graph graph = new Graph((kind, type) -> "no driver", changes, log);
    private final Exports exports = new Exports(graph, changes);
    private final Nodes nodes = new Nodes(graph, changes);
    private final Fakes.ExportDriver driver = new Fakes.ExportDriver();

    @BeforeEach
    void nodes() throws Exception {
        graph.driverCame(Fakes.ref(Kind.NODE, "fake", 0, new Fakes.NodeDriver()));
        graph.driverCame(Fakes.ref(Kind.NODE, "raw", 0, new RawNodeDriver()));
        graph.driverCame(Fakes.ref(Kind.EXPORT, "fake", 0, driver));
        nodes.add(Map.of("driver", "fake", "node-name", "n"));
        nodes.add(Map.of("driver", "raw", "node-name", "part", "file", "n", "offset", "4096"));
    }

    @AfterEach
    void close() {
        graph.close();
    }

    private BlockBackend export(String id, String node) throws Exception {
        exports.add(Map.of("type", "fake", "id", id, "node-name", node, "writable", "on"));
        return driver.last().context.backend();
    }

    private static ByteBuffer bytes() {
        return ByteBuffer.wrap(new byte[] {1, 2, 3});
    }

    @Test
    void whatTheExportDoesItselfIsNotAmongThem() throws Exception {
        BlockBackend own = export("a", "part");
        long before = own.changesByOthers();
        own.write(0, 0, bytes());
        own.writeZeroes(0, 10, 0);
        own.discard(0, 10, 0);
        own.read(0, ByteBuffer.allocate(3));
        assertEquals(before, own.changesByOthers());
    }

    @Test
    void everyKindOfChangeByAnotherExportCounts() throws Exception {
        BlockBackend own = export("a", "n");
        BlockBackend other = export("b", "n");
        long before = own.changesByOthers();
        other.read(0, ByteBuffer.allocate(3));
        assertEquals(before, own.changesByOthers());
        other.write(0, 0, bytes());
        long written = own.changesByOthers();
        assertNotEquals(before, written);
        other.write(0, 0, new ByteBuffer[] {bytes()}, 0, 1);
        long vectored = own.changesByOthers();
        assertNotEquals(written, vectored);
        other.writeZeroes(0, 10, 0);
        long zeroed = own.changesByOthers();
        assertNotEquals(vectored, zeroed);
        other.discard(0, 10, 0);
        assertNotEquals(zeroed, own.changesByOthers());
    }

    @Test
    void whoHasLeftMeanwhileIsNotForgotten() throws Exception {
        BlockBackend own = export("a", "n");
        BlockBackend other = export("b", "n");
        long before = own.changesByOthers();
        other.write(0, 0, bytes());
        long written = own.changesByOthers();
        exports.delete("b", ShutdownMode.HARD);
        assertNotEquals(before, own.changesByOthers());
        assertEquals(written, own.changesByOthers());
    }

    @Test
    void whatIsWrittenBelowOrAboveCounts() throws Exception {
        BlockBackend above = export("a", "part");
        BlockBackend below = export("b", "n");
        long seenAbove = above.changesByOthers();
        below.write(4096, 0, bytes());
        assertNotEquals(seenAbove, above.changesByOthers());
        long seenBelow = below.changesByOthers();
        above.write(0, 0, bytes());
        assertNotEquals(seenBelow, below.changesByOthers());
    }
}
