package io.diskport.core.life;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.manage.Kind;
import io.diskport.core.io.NodeLink;
import io.diskport.core.options.OptionReference;
import io.diskport.core.options.OptionText;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
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
 * changes, from the bottom up, and refers to other nodes and objects if it is to. What has changed
 * goes back when a later one refuses.
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
        List<Exchange> exchanges = new ArrayList<>();
        Map<String, Object> options = named(item, run, before, definition, exchanges);
        ReopenStep step = new ReopenStep(graph, item, run, before, options, exchanges);
        if (steps.put(item, step) != null) {
            throw new BlockException(
                    Reason.INVALID, item.nameAtStart() + " is to be reopened twice at once");
        }
    }

    /** The options with names for what they define inside; a definition is a node to reopen. */
    private Map<String, Object> named(
            NodeItem item,
            NodeRun run,
            Map<String, Object> before,
            Map<String, Object> given,
            List<Exchange> exchanges)
            throws BlockException {
        List<Class<? extends Record>> types = CommonOptions.types(run.driver());
        Map<String, String> names = new LinkedHashMap<>();
        for (OptionReference reference : OptionReference.in(before, types)) {
            names.put(reference.path(), reference.name());
        }
        List<String> namesBefore = List.copyOf(names.values());
        Map<String, Object> options = given;
        for (OptionReference reference : OptionReference.in(given, types)) {
            String path = reference.path();
            String name = names.remove(path);
            if (name == null) {
                throw cannotChange(item, path, "nothing");
            }
            if (reference.isInline()) {
                Map<String, Object> inner =
                        InheritedOptions.of(Kind.NODE, given, reference.definition());
                Object same = inner.putIfAbsent(CommonOptions.NODE_NAME, name);
                if (same != null && !same.equals(name)) {
                    throw cannotChange(item, path, name);
                }
                read(inner);
                options = OptionReference.replace(options, path, name);
            } else if (reference.isImplied()) {
                options = OptionReference.replace(options, path, name);
            } else if (!reference.name().equals(name)) {
                if (namesBefore.contains(reference.name())
                        || Collections.frequency(namesBefore, name) > 1) {
                    // Which of its references means which is more than core can tell.
                    throw cannotChange(item, path, name);
                }
                exchanges.add(exchange(item, run, reference, name));
            }
        }
        for (Map.Entry<String, String> left : names.entrySet()) {
            // Where it has to be given, that is what is wrong.
            item.bind(run.driver(), options);
            throw cannotChange(item, left.getKey(), left.getValue());
        }
        return options;
    }

    private Exchange exchange(NodeItem item, NodeRun run, OptionReference reference, String name)
            throws BlockException {
        Kind kind = reference.isNode() ? Kind.NODE : Kind.OBJECT;
        Item before = graph.find(kind, name).orElseThrow();
        if (!reference.isNode()) {
            Item now = References.object(graph, item, reference);
            return new Exchange(graph, run, before, now, Optional.empty());
        }
        Item now =
                graph.find(kind, reference.name())
                        .orElseThrow(
                                () ->
                                        new BlockException(
                                                Reason.NOT_FOUND,
                                                "Cannot find device='' nor node-name='"
                                                        + reference.name()
                                                        + "', which option '"
                                                        + reference.path()
                                                        + "' of "
                                                        + item.name()
                                                        + " names"));
        Optional<NodeLink> link =
                run.links.stream().filter(other -> other.nodeName().equals(name)).findFirst();
        return new Exchange(graph, run, before, now, link);
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

    /** Under the graph's lock: whether one stands on the other, at whatever distance. */
    static boolean uses(Item user, Item used) {
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
