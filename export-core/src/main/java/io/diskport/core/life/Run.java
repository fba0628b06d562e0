package io.diskport.core.life;

import io.diskport.api.Handover;
import io.diskport.core.io.NodeLink;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

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

    /** Ends what was handed over if nobody takes it; guarded by the graph. */
    private Future<?> expiry = CompletableFuture.completedFuture(null);

    /** What the version of the driver before left, until this run has taken it over. */
    Run inherits;

    private Handover handover;
    private boolean tooLate;

    Run(Item item, DriverRef driver) {
        this.item = item;
        this.driver = driver;
    }

    /** Gives up its connections to nodes, whatever is in flight. */
    final void disconnect() {
        links.forEach(NodeLink::close);
    }

    /** Under the graph's lock: gives back what it protects. */
    final void release() {
        uses.forEach(used -> used.users.remove(this));
        uses.clear();
        driver.runs.remove(this);
        // Until its time the timer would hold the driver's classes.
        expiry.cancel(false);
    }

    /** Under the graph's lock: says what ends it if nobody takes over what it has left. */
    final void expires(Future<?> task) {
        expiry = task;
    }

    final Item item() {
        return item;
    }

    /**
     * Notes what the driver has left.
     *
     * @return false if nobody waits for it any more
     */
    final synchronized boolean leave(Handover left) {
        if (!tooLate) {
            handover = left;
        }
        return !tooLate;
    }

    /** What the driver has left, once. */
    final synchronized Optional<Handover> take() {
        Handover taken = handover;
        handover = null;
        return Optional.ofNullable(taken);
    }

    /** Whether the driver has left something; if not, it is too late for it from now on. */
    final synchronized boolean hasLeft() {
        tooLate = handover == null;
        return !tooLate;
    }

    final DriverRef driver() {
        return driver;
    }
}
