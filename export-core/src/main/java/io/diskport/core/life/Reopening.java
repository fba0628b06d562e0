package io.diskport.core.life;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.manage.Kind;
import io.diskport.core.options.OptionReference;
import io.diskport.core.options.OptionText;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Gives open nodes other options, all of them or none: first everything is read and checked, then
 * the requests of all these nodes are parked, from the top down, and then one node after the other
 * changes, from the bottom up. What has changed goes back when a later one refuses.
 */
final class Reopening {
    private final Graph graph;
    private final Map<NodeItem, ReopenStep> steps = new LinkedHashMap<>();

    private Reopening(Graph graph) {
        this.graph = graph;
    }

    /** Returns when all have changed. One at a time, for two could park each other's nodes. */
    static void perform(Graph graph, List<? extends Map<String, ?>> definitions)
            throws BlockException {
        Reopening reopening = new Reopening(graph);
        for (Map<String, ?> definition : definitions) {
            reopening.read(OptionText.normalize(definition));
        }
        reopening.perform();
    }

    private void read(Map<String, Object> definition) throws BlockException {
        if (!definition.containsKey(CommonOptions.NODE_NAME)) {
            throw new BlockException(
                    Reason.INVALID,
                    "node-name not specified: it says which node is to be reopened");
        }
        String name = CommonOptions.text(Kind.NODE, definition, CommonOptions.NODE_NAME);
        NodeItem item = NodeItem.known(graph, name);
        String driver = CommonOptions.text(Kind.NODE, definition, CommonOptions.typeKey(Kind.NODE));
        if (!driver.equals(item.type())) {
            throw cannotChange(item, CommonOptions.typeKey(Kind.NODE), item.type());
        }
        NodeRun run = item.current();
        Map<String, Object> before;
        synchronized (graph.lock()) {
            before = item.options;
        }
        Map<String, Object> options = sameReferences(item, run, before, definition);
        ReopenStep step = new ReopenStep(graph, item, run, before, options);
        if (steps.put(item, step) != null) {
            throw new BlockException(
                    Reason.INVALID, item.nameAtStart() + " is to be reopened twice at once");
        }
    }

    /** The options with names for what they define inside; a definition is a node to reopen. */
    private Map<String, Object> sameReferences(
            NodeItem item, NodeRun run, Map<String, Object> before, Map<String, Object> given)
            throws BlockException {
        List<Class<? extends Record>> types = CommonOptions.types(run.driver());
        Map<String, String> names = new LinkedHashMap<>();
        for (OptionReference reference : OptionReference.in(before, types)) {
            names.put(reference.path(), reference.name());
        }
        Map<String, Object> options = given;
        for (OptionReference reference : OptionReference.in(given, types)) {
            String path = reference.path();
            String name = names.remove(path);
            if (name == null) {
                throw cannotChange(item, path, "nothing");
            }
            if (reference.isInline()) {
                Map<String, Object> inner = new LinkedHashMap<>(reference.definition());
                Object same = inner.putIfAbsent(CommonOptions.NODE_NAME, name);
                if (same != null && !same.equals(name)) {
                    throw cannotChange(item, path, name);
                }
                read(inner);
                options = OptionReference.replace(options, path, name);
            } else if (reference.isImplied()) {
                options = OptionReference.replace(options, path, name);
            } else if (!reference.name().equals(name)) {
                if (reference.isNode() && graph.find(Kind.NODE, reference.name()).isEmpty()) {
                    throw new BlockException(
                            Reason.NOT_FOUND,
                            "Cannot find device='' nor node-name='"
                                    + reference.name()
                                    + "', which option '"
                                    + path
                                    + "' of "
                                    + item.name()
                                    + " names");
                }
                throw cannotChange(item, path, name);
            }
        }
        for (Map.Entry<String, String> left : names.entrySet()) {
            // Where it has to be given, that is what is wrong.
            item.bind(run.driver(), options);
            throw cannotChange(item, left.getKey(), left.getValue());
        }
        return options;
    }

    private void perform() throws BlockException {
        List<ReopenStep> ordered = topDown();
        Deque<PermissionKeeper.Pause> pauses = new ArrayDeque<>();
        Deque<ReopenStep> done = new ArrayDeque<>();
        try {
            for (ReopenStep step : ordered) {
                pauses.push(step.run().keeper.pause());
                if (step.item().current() != step.run()) {
                    throw new BlockException(
                            Reason.UNAVAILABLE,
                            step.item().nameAtStart() + " has ended and begun anew; try again");
                }
            }
            for (int i = ordered.size() - 1; i >= 0; i--) {
                done.push(ordered.get(i));
                ordered.get(i).perform();
            }
        } catch (BlockException | RuntimeException | Error e) {
            done.forEach(ReopenStep::undo);
            done.clear();
            throw e;
        } finally {
            pauses.forEach(PermissionKeeper.Pause::close);
            done.forEach(ReopenStep::settle);
        }
    }

    private List<ReopenStep> topDown() {
        Set<ReopenStep> ordered = new LinkedHashSet<>();
        synchronized (graph.lock()) {
            steps.values().forEach(step -> visit(step, ordered));
        }
        return new ArrayList<>(ordered);
    }

    /** Under the graph's lock: whoever stands on a node, at whatever distance, before it. */
    private void visit(ReopenStep step, Set<ReopenStep> ordered) {
        for (ReopenStep other : steps.values()) {
            if (other != step && !ordered.contains(other) && uses(other.item(), step.item())) {
                visit(other, ordered);
            }
        }
        ordered.add(step);
    }

    private static boolean uses(Item user, Item used) {
        Optional<Run> run = Optional.ofNullable(user.run);
        return run.isPresent()
                && run.get().uses.stream().anyMatch(item -> item == used || uses(item, used));
    }

    private static BlockException cannotChange(Item item, String option, String now) {
        return new BlockException(
                Reason.INVALID,
                "Cannot change the option '"
                        + option
                        + "' of "
                        + item.name()
                        + ": it stays "
                        + (now.equals("nothing") ? "without it" : "'" + now + "'")
                        + " while the node is open");
    }
}
