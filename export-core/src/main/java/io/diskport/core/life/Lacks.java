package io.diskport.core.life;

import io.diskport.api.manage.EntryState;
import io.diskport.api.manage.Kind;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/** Says why something does not run, as things are now: what it waited for may have changed. */
final class Lacks {
    private final Graph graph;
    private final BiFunction<Kind, String, String> whyNoDriver;

    Lacks(Graph graph, BiFunction<Kind, String, String> whyNoDriver) {
        this.graph = graph;
        this.whyNoDriver = whyNoDriver;
    }

    /** Why no driver serves a type. */
    String whyNoDriver(Kind kind, String type) {
        return whyNoDriver.apply(kind, type);
    }

    /** Why an item does not run, as things are now: what it waited for first may have changed. */
    String reason(Item item) {
        return reason(item, new HashSet<>());
    }

    private String reason(Item item, Set<Item> seen) {
        Optional<Item> lacking = Optional.empty();
        boolean kept;
        synchronized (graph.lock()) {
            if (item.state != EntryState.WAITING) {
                return item.reason;
            }
            if (!seen.add(item)) {
                return "they need each other in a circle";
            }
            kept = item.kept != null;
            if (!lacksDriver(item)) {
                lacking =
                        graph.items()
                                .filter(other -> item.missing.contains(other.key()))
                                .findFirst();
                if (lacking.isEmpty()) {
                    return item.reason;
                }
            }
        }
        String why =
                lacking.isPresent()
                        ? needs(item, lacking.get(), seen)
                        : whyNoDriver.apply(item.kind(), item.type());
        return kept
                ? why + " (its clients are held for up to " + Handovers.KEPT_MILLIS / 1000 + " s)"
                : why;
    }

    /** Under the lock: also in the moment in which its end is noted and its wait is not yet. */
    private boolean lacksDriver(Item item) {
        return item.missing.contains(Graph.driverKey(item.kind(), item.type()))
                || item.missing.isEmpty()
                        && item.kept == null
                        && graph.serving(item.kind(), item.type()).isEmpty();
    }

    /** What is said of an item that needs another one which does not run. */
    String needs(Item item, Item lacking) {
        return needs(item, lacking, new HashSet<>(Set.of(item)));
    }

    private String needs(Item item, Item lacking, Set<Item> seen) {
        String why = reason(lacking, seen);
        return item.nameAtStart()
                + " needs "
                + lacking.name()
                + ", which is "
                + graph.state(lacking)
                + (why.isEmpty() ? "" : ": " + why);
    }
}
