package io.diskport.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.manage.EntryState;
import io.diskport.api.manage.Kind;
import io.diskport.api.manage.ObjectEntry;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What every object driver has to do right. Extend it, say how an object is made, and run it in the
 * integration-test phase, once the bundle is built.
 */
public abstract class ObjectDriverTests extends DriverTests {
    /**
     * The driver's own options of an object.
     *
     * @param id the object's id, unlike that of any other of this test
     */
    protected abstract Map<String, Object> options(String id) throws IOException;

    private Map<String, Object> all(String id) throws IOException {
        Map<String, Object> options = new HashMap<>(options(id));
        options.put("qom-type", type());
        options.put("id", id);
        return options;
    }

    private void add(String id) throws Exception {
        ObjectEntry added = runtime().objects().add(all(id));
        assertEquals(EntryState.RUNNING, added.state());
    }

    @Test
    final void isMadeAgainUnderTheSameOptions() throws Exception {
        for (int i = 0; i < 3; i++) {
            add("o");
            runtime().objects().delete("o");
        }
        assertTrue(runtime().objects().list().stream().noneMatch(o -> o.id().equals("o")), "gone");
    }

    @Test
    final void thereMayBeSeveral() throws Exception {
        add("a");
        add("b");
        runtime().objects().delete("a");
        runtime().objects().delete("b");
    }

    @Test
    final void anIdHasOneOwner() throws Exception {
        add("o");
        assertRefused("o", () -> runtime().objects().add(all("o")));
        assertEquals(EntryState.RUNNING, runtime().objects().find("o").orElseThrow().state());
    }

    @Test
    final void unknownOptionIsRefusedByName() throws Exception {
        assertRefused(
                "no-such-option",
                () -> runtime().objects().add(with(all("o"), "no-such-option", "1")));
        assertTrue(runtime().objects().find("o").isEmpty(), "nothing half made");
    }

    @Test
    final void everyOptionRefusesWhatIsNoValueOfIt() throws Exception {
        for (var option : runtime().drivers().options(Kind.OBJECT, type())) {
            Map<String, Object> options =
                    with(all("o"), option.name(), Map.of("no", Map.of("such", "value")));
            assertRefused("", () -> runtime().objects().add(options));
        }
        assertTrue(runtime().objects().find("o").isEmpty(), "nothing half made");
    }

    @Test
    final void waitsWhileItsDriverIsGone() throws Exception {
        add("o");
        runtime().driver().stop();
        awaitState(EntryState.WAITING);
        runtime().driver().start();
        awaitState(EntryState.RUNNING);
    }

    private void awaitState(EntryState state) {
        Await.until(
                () -> "the object is " + state + ": " + runtime().objects().find("o"),
                () -> runtime().objects().find("o").filter(o -> o.state() == state).isPresent());
    }

    @Test
    final void updatesLeaveNothingBehind() throws Throwable {
        add("o");
        assertUpdatesLeaveNothing(() -> awaitState(EntryState.RUNNING));
    }
}
