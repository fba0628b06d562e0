package io.diskport.core.life;

import io.diskport.core.io.NodeLink;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * One incarnation of an export, a node or an object: from the call of its driver to its end.
 * Subclasses hold what was made.
 */
class Run {
    private final Item item;
    private final DriverRef driver;

    /** What it refers to and so protects; guarded by the graph. */
    final Set<Item> uses = new LinkedHashSet<>();

    /** Its connections to the nodes it uses; changed by one thread at a time. */
    final List<NodeLink> links = new ArrayList<>();

    /** Done when the driver's call has returned, whatever it returned. */
    final CompletableFuture<Void> settled = new CompletableFuture<>();

    /** Whether it has to end as soon as it is made; guarded by the graph. */
    boolean cancelled;

    /** Whether whoever ended it no longer waits for the driver's call; guarded by the graph. */
    boolean abandoned;

    /** Whether the driver made it; guarded by the graph. */
    boolean made;

    /** Whether the driver's call has returned; guarded by the graph. */
    boolean returned;

    /** Whether the driver left what clients hold to its next version; guarded by the graph. */
    boolean handedOver;

    /** What the version of the driver before left, until this run has taken it over. */
    Run inherits;

    Run(Item item, DriverRef driver) {
        this.item = item;
        this.driver = driver;
    }

    final Item item() {
        return item;
    }

    final DriverRef driver() {
        return driver;
    }
}
