package io.diskport.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.diskport.api.BlockException;
import io.diskport.api.manage.Entry;
import io.diskport.api.manage.EntryState;
import io.diskport.api.manage.Kind;
import io.diskport.api.manage.Manager;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What every object driver has to do right. Extend it, say how an object is made, and run it in the
 * integration-test phase, once the bundle is built.
 */
public abstract class ObjectDriverTests extends LifeAndOptionTests {
    /**
     * The driver's own options of an object.
     *
     * @param id the object's id, unlike that of any other of this test
     */
    protected abstract Map<String, Object> options(String id) throws Exception;

    @Override
    final Kind kind() {
        return Kind.OBJECT;
    }

    @Override
    final Manager<? extends Entry> manager() {
        return runtime().objects();
    }

    @Override
    final Map<String, Object> all(String id) throws Exception {
        Map<String, Object> options = new HashMap<>(options(id));
        options.put("qom-type", type());
        options.put("id", id);
        return options;
    }

    /** Looks at it: what else objects are for depends on their type. */
    @Override
    final void use(String id) {
        runtime().objects().find(id).orElseThrow();
    }

    @Override
    final void delete(String id) throws BlockException {
        runtime().objects().delete(id);
    }

    private void add(String id) throws Exception {
        add(all(id));
    }

    @Test
    final void thereMayBeSeveral() throws Exception {
        add("a");
        add("b");
        delete("a");
        delete("b");
    }

    @Test
    final void anIdHasOneOwner() throws Exception {
        add("o");
        assertRefused("o", () -> runtime().objects().add(all("o")));
        assertEquals(EntryState.RUNNING, runtime().objects().find("o").orElseThrow().state());
    }

    @Test
    final void waitsWhileItsDriverIsGone() throws Exception {
        assumeReplaceable();
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
        assumeReplaceable();
        add("o");
        assertUpdatesLeaveNothing(() -> awaitState(EntryState.RUNNING));
    }
}
