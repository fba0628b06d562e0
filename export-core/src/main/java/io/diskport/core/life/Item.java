package io.diskport.core.life;

import io.diskport.api.BlockException;
import io.diskport.api.Handover;
import io.diskport.api.manage.Entry;
import io.diskport.api.manage.EntryState;
import io.diskport.api.manage.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

/**
 * An export, a node or an object that somebody asked for, whether it runs or not. It keeps its
 * options as they were given; what a driver made of them is its {@link Run}.
 *
 * <p>All fields that are not final are guarded by the graph.
 */
abstract class Item {
    private final Kind kind;
    private final String id;
    private final String type;
    private final boolean desired;

    /** As given; definitions of nodes in place of names are replaced by those nodes' names. */
    Map<String, Object> options;

    /** The options as they may be shown: without secrets, and empty until a driver was there. */
    Map<String, Object> shown = Map.of();

    /** Nodes that were defined inside the options; they come and go with this. */
    final List<Item> owned = new ArrayList<>();

    /** What refers to this and is running or starting. */
    final Set<Run> users = new LinkedHashSet<>();

    EntryState state = EntryState.WAITING;
    String reason = "";

    /** The failure that the log says already; another try with the same one is no news. */
    String logged = "";

    /** What it waits for: {@code driver export fuse}, {@code node disk}. */
    final Set<String> missing = new HashSet<>();

    /** Whether it never ran yet and whoever added it by hand waits for that. */
    CompletableFuture<Void> first;

    Run run;

    /** When it began to run, by System.nanoTime. */
    long runningSince;

    /** What it was defined inside of, if it was. */
    Optional<Item> owner = Optional.empty();

    /** A run whose driver was replaced and whose clients wait for the next version. */
    Run kept;

    CompletableFuture<Void> ending;
    boolean deleted;
    int failures;
    Future<?> retry;

    Item(Kind kind, String id, String type, Map<String, Object> options, boolean desired) {
        this.kind = kind;
        this.id = id;
        this.type = type;
        this.options = options;
        this.desired = desired;
    }

    final Kind kind() {
        return kind;
    }

    final String id() {
        return id;
    }

    final String type() {
        return type;
    }

    final boolean desired() {
        return desired;
    }

    /** What others wait for when they wait for this. */
    final String key() {
        return key(kind, id);
    }

    static String key(Kind kind, String id) {
        return kind + " " + id;
    }

    /** For messages: {@code export 'a'}. */
    final String name() {
        return name(kind, id);
    }

    static String name(Kind kind, String id) {
        return kind + " '" + id + "'";
    }

    /** For messages at the beginning of a sentence: {@code Export 'a'}. */
    final String nameAtStart() {
        String name = name();
        return Character.toUpperCase(name.charAt(0)) + name.substring(1);
    }

    /** A new incarnation of it. */
    abstract Run newRun(DriverRef driver);

    /**
     * Has the driver make it, on a thread of its own, without a lock. What it refers to is running
     * and protected.
     *
     * @throws BlockException if it cannot; what core holds for it is freed by the caller
     */
    abstract void make(Run run, Map<String, Object> given) throws BlockException;

    /** Ends what {@link #make} made, within the bounds of the ending, without a lock. */
    abstract void unmake(Run run, Ending why);

    /** Where clients find it, for the log; empty if nowhere. */
    String address(Run run) {
        return "";
    }

    /** Has the driver end its service but leave what clients hold. */
    Optional<Handover> suspend(Run run) {
        return Optional.empty();
    }

    /** Nobody takes over what a run's driver has left. */
    void notTakenOver(Run old) {}

    /** Wakes an {@link #unmake} that waits for clients, because they are not to be waited for. */
    void harden(Ending why) {}

    /** As it is shown; called without a lock. */
    abstract Entry entry();
}
