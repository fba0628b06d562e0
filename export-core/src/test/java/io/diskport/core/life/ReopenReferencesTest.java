package io.diskport.core.life;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.BlockException;
import io.diskport.api.export.BlockBackend;
import io.diskport.api.export.ShutdownMode;
import io.diskport.api.manage.Kind;
import io.diskport.core.nodes.ThrottleNodeDriver;
import io.diskport.core.objects.IoThreadDriver;
import io.diskport.core.objects.ThrottleGroupDriver;
import io.diskport.core.options.OptionText;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Open nodes that get another child or another object. */
class ReopenReferencesTest extends ReopenTests {
    private static final String RAW = "driver=raw,node-name=r,file=";

    private final Objects objects = new Objects(graph, changes);

    @BeforeEach
    void nodesAndObjects() throws Exception {
        graph.driverCame(Fakes.ref(Kind.NODE, "throttle", 0, new ThrottleNodeDriver()));
        graph.driverCame(Fakes.ref(Kind.OBJECT, "throttle-group", 0, new ThrottleGroupDriver()));
        graph.driverCame(Fakes.ref(Kind.OBJECT, "iothread", 0, new IoThreadDriver()));
        add("driver=memory,node-name=one,size=64k");
        add("driver=memory,node-name=two,size=128k");
        add(RAW + "one");
    }

    @Test
    void theUsersOfANodeSeeItsNewChildAndTheOldOneIsFree() throws Exception {
        BlockBackend backend = export("e", "r");
        backend.write(0, 0, bytes(1));
        long before = backend.changesByOthers();
        reopen(RAW + "two");
        assertEquals(0, first(backend));
        assertEquals(128 << 10, backend.length());
        assertEquals(List.of(128L << 10), exportDriver.last().lengths);
        assertNotEquals(before, backend.changesByOthers(), "what was read is no longer valid");
        backend.write(100 << 10, 0, bytes(2));
        assertEquals(List.of("two"), nodes.find("r").orElseThrow().children());
        assertEquals("two", nodes.find("r").orElseThrow().options().get("file"));
        BlockException used = assertThrows(BlockException.class, () -> nodes.delete("two"));
        assertTrue(used.getMessage().startsWith("Block device two is in use"), used.getMessage());
        assertEquals(List.of(), nodes.find("one").orElseThrow().users());
        nodes.delete("one");
    }

    @Test
    void aCircleIsRefusedAtAnyDistance() throws Exception {
        add("driver=raw,node-name=rr,file=r");
        refused("Making 'r' a file child of 'r' would create a cycle", RAW + "r");
        refused("Making 'rr' a file child of 'r' would create a cycle", RAW + "rr");
        assertEquals(List.of("one"), nodes.find("r").orElseThrow().children());
    }

    @Test
    void whatStandsAgainstItChangesNothing() throws Exception {
        add("driver=memory,node-name=ro,size=64k,read-only=on");
        BlockBackend backend = export("e", "r");
        backend.write(0, 0, bytes(5));
        refused("Block node is read-only", RAW + "ro");
        refused("Offset (98304) cannot be greater", RAW + "one,offset=96k");
        refused("has to be smaller or equal", RAW + "two,size=1M");
        refused("Cannot find device='' nor node-name='zz'", RAW + "zz");
        assertEquals(5, first(backend));
        assertEquals(64 << 10, backend.length());
        assertEquals(List.of("one"), nodes.find("r").orElseThrow().children());
        for (String free : List.of("ro", "two")) {
            assertEquals(List.of(), nodes.find(free).orElseThrow().users());
            nodes.delete(free);
        }
        exports.delete("e", ShutdownMode.HARD);
    }

    @Test
    void aChildThatAUserNeedsMoreOfIsRefused() throws Exception {
        add("driver=memory,node-name=small,size=4k");
        add("driver=raw,node-name=part,file=r,offset=32k,size=4k");
        refused("is not reopened with 4096 bytes", RAW + "small");
        assertEquals(List.of("one"), nodes.find("r").orElseThrow().children());
        nodes.delete("small");
    }

    @Test
    void allGetTheirChildrenOrNone() throws Exception {
        add("driver=raw,node-name=s,file=two");
        BlockBackend backend = export("e", "r");
        backend.write(0, 0, bytes(5));
        refused("smaller or equal", RAW + "two", "driver=raw,node-name=s,file=one,size=1M");
        refused("smaller or equal", "driver=raw,node-name=s,file=one,size=1M", RAW + "two");
        assertEquals(5, first(backend));
        assertEquals(List.of("two"), nodes.find("s").orElseThrow().children());
        reopen(RAW + "two", "driver=raw,node-name=s,file=one");
        assertEquals(0, first(backend));
        assertEquals(5, first(export("f", "s")));
    }

    @Test
    void anImageOfAnotherFormatIsNotWrittenTo() throws Exception {
        export("foreign", "two")
                .write(0, 0, ByteBuffer.wrap(new byte[] {'Q', 'F', 'I', (byte) 0xFB}));
        export("e", "r");
        refused("begins like a qcow2 image", RAW + "two");
        reopen(RAW + "two,format-probe=off");
    }

    @Test
    void aChildThatWasDefinedInsideGoes() throws Exception {
        add("driver=raw,node-name=outer,file.driver=memory,file.node-name=inner,file.size=64k");
        reopen("driver=raw,node-name=outer,file=two");
        assertTrue(nodes.find("inner").isEmpty());
        nodes.delete("outer");
        assertTrue(nodes.find("two").isPresent());
    }

    @Test
    void aThrottleNodeChangesItsGroup() throws Exception {
        objects.add(OptionText.parse("qom-type=throttle-group,id=g", ""));
        objects.add(OptionText.parse("qom-type=throttle-group,id=h,limits.iops-total=1", ""));
        objects.add(OptionText.parse("qom-type=iothread,id=io", ""));
        add("driver=throttle,node-name=t,file=one,throttle-group=g");
        BlockBackend backend = export("e", "t");
        refused("Throttle group 'zz' does not exist", throttle("zz"));
        refused("Throttle group 'io' does not exist", throttle("io"));
        reopen(throttle("h"));
        assertTrue(backend.tryWrite(0, 0, bytes(1)));
        assertEquals(false, backend.tryWrite(0, 0, bytes(1)), "one a second");
        objects.delete("g");
        assertThrows(BlockException.class, () -> objects.delete("h"));
    }

    private static String throttle(String group) {
        return "driver=throttle,node-name=t,file=one,throttle-group=" + group;
    }

    /** Every write is read back from where it went: none is lost, none fails. */
    @Test
    void requestsGoOnWhileTheChildChanges() throws Exception {
        BlockBackend backend = export("e", "r");
        BlockBackend one = export("one", "one");
        BlockBackend two = export("two", "two");
        AtomicBoolean stop = new AtomicBoolean();
        List<CompletableFuture<Void>> users = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            long at = 512L * i;
            users.add(
                    CompletableFuture.runAsync(
                            () -> {
                                for (int n = 1; !stop.get(); n = n % 100 + 1) {
                                    int value = n;
                                    GraphTest.run(() -> backend.write(at, 0, bytes(value)));
                                    GraphTest.run(
                                            () ->
                                                    assertTrue(
                                                            at(one, at) == value
                                                                    || at(two, at) == value));
                                }
                            }));
        }
        for (int i = 0; i < 100; i++) {
            reopen(RAW + (i % 2 == 0 ? "two" : "one"));
        }
        stop.set(true);
        for (CompletableFuture<Void> user : users) {
            user.get(15, TimeUnit.SECONDS);
        }
        assertEquals(
                1,
                nodes.find("one").orElseThrow().users().stream()
                        .filter(user -> user.startsWith("node 'r'"))
                        .count());
    }
}
