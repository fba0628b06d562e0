package io.diskport.core.life;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.export.ShutdownMode;
import io.diskport.api.manage.EntryState;
import io.diskport.api.manage.Kind;
import io.diskport.api.object.BlockObject;
import io.diskport.api.object.IoThread;
import io.diskport.api.object.ThrottleGroup;
import io.diskport.api.object.TlsCredentials;
import io.diskport.core.options.OptionReference;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Finds what an item's options refer to, makes nodes that are defined in place, and protects it.
 */
final class References {
    private static final AtomicLong NUMBER = new AtomicLong();

    private final Graph graph;

    References(Graph graph) {
        this.graph = graph;
    }

    /**
     * Has the run protect everything that the item's options refer to.
     *
     * @return the item's options, with names in place of definitions and of what was implied
     * @throws Missing if something is not running
     */
    Map<String, Object> resolve(Item item, Run run) throws BlockException {
        List<Class<? extends Record>> types = CommonOptions.types(run.driver());
        List<OptionReference> references = OptionReference.in(item.options, types);
        synchronized (graph.lock()) {
            item.shown = CommonOptions.withoutSecrets(item.options, types);
        }
        for (OptionReference reference : references) {
            if (reference.isNode() && !reference.isInline()) {
                // A node that is not there is the first thing to be told of.
                find(item, reference);
            }
        }
        Map<String, Object> options = item.options;
        for (OptionReference reference : references) {
            if (reference.isInline() || reference.isImplied()) {
                String name =
                        reference.isInline() ? define(item, reference) : only(item, reference);
                options = OptionReference.replace(options, reference.path(), name);
                synchronized (graph.lock()) {
                    item.options = options;
                }
            }
        }
        synchronized (graph.lock()) {
            item.shown = CommonOptions.withoutSecrets(options, types);
        }
        for (OptionReference reference : OptionReference.in(options, types)) {
            protect(item, run, reference);
        }
        return options;
    }

    /** The id of the only object that an option can mean; from now on it means that one. */
    private String only(Item item, OptionReference reference) throws BlockException {
        Class<? extends BlockObject> contract = reference.contract().orElseThrow();
        List<String> found;
        long since;
        synchronized (graph.lock()) {
            since = System.nanoTime();
            found =
                    graph.items()
                            .filter(
                                    other ->
                                            other.state == EntryState.RUNNING
                                                    && other instanceof ObjectItem object
                                                    && object.fulfils(contract))
                            .map(Item::id)
                            .toList();
        }
        if (found.size() == 1) {
            return found.get(0);
        }
        String option = "Option '" + reference.path() + "' of " + item.name();
        if (found.isEmpty()) {
            throw new Missing(
                    Reason.NOT_FOUND,
                    option + " is not given, and there is no " + typeOf(contract) + " yet",
                    Set.of(Missing.ANY_OBJECT),
                    false,
                    since);
        }
        throw new BlockException(
                Reason.INVALID,
                option
                        + " is not given, and there are several: one of "
                        + String.join(", ", found));
    }

    /** The type of object that fulfils a contract, or the contract's name. */
    private String typeOf(Class<? extends BlockObject> contract) {
        return graph.drivers().stream()
                .filter(
                        driver ->
                                driver.identity().kind() == Kind.OBJECT
                                        && contract.isAssignableFrom(driver.objects().contract()))
                .map(driver -> driver.identity().type())
                .findFirst()
                .orElse(contract.getSimpleName());
    }

    private String define(Item item, OptionReference reference) throws BlockException {
        Map<String, Object> options =
                InheritedOptions.of(item.kind(), item.options, reference.definition());
        Object given = options.get(CommonOptions.NODE_NAME);
        String name =
                given == null
                        ? "#block" + NUMBER.incrementAndGet()
                        : CommonOptions.id(Kind.NODE, options);
        options.put(CommonOptions.NODE_NAME, name);
        Item child = NodeItem.inside(graph, options, item.desired());
        child.owner = Optional.of(item);
        boolean byHand;
        synchronized (graph.lock()) {
            byHand = item.first != null;
        }
        if (byHand) {
            graph.addAndWait(child);
        } else {
            graph.add(child);
        }
        synchronized (graph.lock()) {
            item.owned.add(child);
            if (!item.deleted) {
                return name;
            }
        }
        graph.endings().end(child, Ending.deleted(ShutdownMode.HARD));
        throw new BlockException(Reason.SHUTTING_DOWN, item.nameAtStart() + " was deleted");
    }

    /** The object that a reference of an item names, if it is one of the right contract. */
    static Item object(Graph graph, Item item, OptionReference reference) throws BlockException {
        Item found = new References(graph).find(item, reference);
        check(item, (ObjectItem) found, reference);
        return found;
    }

    private Item find(Item item, OptionReference reference) throws BlockException {
        Kind kind = reference.isNode() ? Kind.NODE : Kind.OBJECT;
        String id = reference.name();
        return graph.find(kind, id)
                .orElseThrow(
                        () ->
                                new Missing(
                                        Reason.NOT_FOUND,
                                        notFound(item, reference)
                                                + ", which option '"
                                                + reference.path()
                                                + "' of "
                                                + item.name()
                                                + " names",
                                        Set.of(Item.key(kind, id)),
                                        false));
    }

    private void protect(Item item, Run run, OptionReference reference) throws BlockException {
        Item used = find(item, reference);
        if (!protect(graph, run, used)) {
            boolean soon;
            synchronized (graph.lock()) {
                soon = used.state == EntryState.STARTING;
            }
            throw new Missing(
                    Reason.UNAVAILABLE, graph.lacks().needs(item, used), Set.of(used.key()), soon);
        }
        if (reference.contract().isPresent()) {
            check(item, (ObjectItem) used, reference);
        }
    }

    /** In QEMU's words, which tools compare. */
    private static String notFound(Item item, OptionReference reference) {
        String id = reference.name();
        if (reference.isNode()) {
            String device = item.kind() == Kind.EXPORT ? "" : id;
            return "Cannot find device='" + device + "' nor node-name='" + id + "'";
        }
        Class<?> contract = reference.contract().orElseThrow();
        if (contract == IoThread.class) {
            return "iothread \"" + id + "\" not found";
        }
        if (contract == TlsCredentials.class) {
            return "No TLS credentials with id '" + id + "'";
        }
        return contract == ThrottleGroup.class
                ? "Throttle group '" + id + "' does not exist"
                : "object '" + id + "' not found";
    }

    /** In QEMU's words too, where it has some; up to the name of the option. */
    private static String notThat(Item item, OptionReference reference) {
        Class<?> contract = reference.contract().orElseThrow();
        if (contract == TlsCredentials.class) {
            return "Object with id '" + reference.name() + "' is not TLS credentials: option '";
        }
        boolean known = contract == ThrottleGroup.class || contract == IoThread.class;
        return known ? notFound(item, reference) + ": option '" : "Option '";
    }

    /** Has a run protect something, if that is running. */
    static boolean protect(Graph graph, Run run, Item used) {
        synchronized (graph.lock()) {
            boolean running = used.state == EntryState.RUNNING && !run.cancelled;
            if (running) {
                run.uses.add(used);
                used.users.add(run);
            }
            return running;
        }
    }

    private static void check(Item item, ObjectItem used, OptionReference reference)
            throws BlockException {
        Class<? extends BlockObject> contract = reference.contract().orElseThrow();
        if (!used.fulfils(contract)) {
            throw new BlockException(
                    Reason.INVALID,
                    notThat(item, reference)
                            + reference.path()
                            + "' of "
                            + item.name()
                            + " wants an object that is a "
                            + contract.getSimpleName()
                            + ", but "
                            + used.name()
                            + " is a "
                            + used.type());
        }
    }
}
