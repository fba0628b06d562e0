package io.diskport.core.life;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.Handover;
import io.diskport.api.manage.EntryState;
import io.diskport.api.manage.Kind;
import io.diskport.api.manage.ObjectEntry;
import io.diskport.api.object.BlockObject;
import io.diskport.api.object.BlockObjectDriver;
import io.diskport.api.object.ObjectContext;
import io.diskport.api.options.ObjectRef;
import io.diskport.core.options.RecordBinder;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An object that somebody asked for. */
final class ObjectItem extends Item {
    private final Graph graph;

    private ObjectItem(
            Graph graph, String id, String type, Map<String, Object> options, boolean desired) {
        super(Kind.OBJECT, id, type, options, desired);
        this.graph = graph;
    }

    static ObjectItem of(Graph graph, Map<String, Object> options, boolean desired)
            throws BlockException {
        String type = CommonOptions.text(Kind.OBJECT, options, CommonOptions.typeKey(Kind.OBJECT));
        String id = CommonOptions.id(Kind.OBJECT, options);
        return new ObjectItem(graph, id, type, options, desired);
    }

    /** The object that a run protects, by its reference. */
    @SuppressWarnings("unchecked") // its contract was checked when it was protected
    static <T extends BlockObject> T used(Graph graph, Run run, ObjectRef<T> reference)
            throws BlockException {
        synchronized (graph.lock()) {
            for (Item item : run.uses) {
                if (item instanceof ObjectItem object
                        && object.id().equals(reference.id())
                        && object.run instanceof ObjectRun current
                        && current.made) {
                    return (T) current.object;
                }
            }
        }
        throw new BlockException(Reason.NOT_FOUND, "Cannot find object '" + reference.id() + "'");
    }

    /** Whether it runs and can be used as the contract says. */
    boolean fulfils(Class<? extends BlockObject> contract) {
        synchronized (graph.lock()) {
            return run instanceof ObjectRun current && contract.isInstance(current.object);
        }
    }

    @Override
    Run newRun(DriverRef driver) {
        return new ObjectRun(this, driver);
    }

    @Override
    void make(Run made, Map<String, Object> given) throws BlockException {
        ObjectRun run = (ObjectRun) made;
        BlockObjectDriver<Record> driver = run.driver().objects();
        RecordBinder binder =
                new RecordBinder(
                        "object type '" + type() + "'", given, CommonOptions.types(run.driver()));
        binder.bind(CommonOptions.OfObject.class);
        if (run.inherits != null) {
            run.inherits.take().ifPresent(run::leave);
        }
        try {
            run.object = driver.create(new Context(graph, run), binder.bind(driver.optionsType()));
        } finally {
            graph.handovers().drop(run);
        }
    }

    @Override
    Optional<Handover> suspend(Run made) {
        return ((ObjectRun) made).object.suspend();
    }

    @Override
    void unmake(Run made, Ending why) {
        ObjectRun run = (ObjectRun) made;
        Bounded.logged(graph.log(), this, "close", why.pace().delete(), run.object::close);
    }

    @Override
    ObjectEntry entry() {
        BlockObject object;
        EntryState now;
        Map<String, Object> toShow;
        List<String> usedBy;
        synchronized (graph.lock()) {
            object =
                    run instanceof ObjectRun made && state == EntryState.RUNNING
                            ? made.object
                            : null;
            now = state;
            toShow = shown;
            usedBy = users.stream().map(user -> user.item().name()).distinct().toList();
        }
        Map<String, String> details = Map.of();
        try {
            details = object == null ? details : object.info();
        } catch (RuntimeException | LinkageError e) {
            graph.log().log(Level.DEBUG, nameAtStart() + " has no information", e);
        }
        return new ObjectEntry(
                id(), type(), now, graph.lacks().reason(this), desired(), toShow, details, usedBy);
    }

    /** One incarnation of an object. */
    private static final class ObjectRun extends Run {
        volatile BlockObject object;

        ObjectRun(Item item, DriverRef driver) {
            super(item, driver);
        }
    }

    /** What it is lent. */
    private record Context(Graph graph, ObjectRun run) implements ObjectContext {
        @Override
        public String id() {
            return run.item().id();
        }

        @Override
        public <T extends BlockObject> T object(ObjectRef<T> reference) throws BlockException {
            return used(graph, run, reference);
        }

        @Override
        public Optional<Handover> handover() {
            return run.take();
        }

        @Override
        public System.Logger log() {
            return new ItemLog(graph.log(), run.item().nameAtStart());
        }

        @Override
        public void ended(Throwable cause) {
            graph.endings().lost(run, cause);
        }
    }
}
