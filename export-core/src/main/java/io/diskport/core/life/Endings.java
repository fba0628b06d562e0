package io.diskport.core.life;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.export.ShutdownMode;
import io.diskport.api.manage.EntryState;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Ends things from the top down, each step within its bound. */
final class Endings {
    /** What ran for so long is tried again soon when it fails. */
    private static final long STEADY_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Graph graph;

    Endings(Graph graph) {
        this.graph = graph;
    }

    /**
     * Ends an item, and before it whatever uses it.
     *
     * @return done when it has ended; never fails
     */
    CompletableFuture<Void> end(Item item, Ending why) {
        CompletableFuture<Void> done;
        synchronized (graph.lock()) {
            if (graph.find(item.kind(), item.id()).orElse(null) != item) {
                return CompletableFuture.completedFuture(null);
            }
            item.deleted |= why.delete();
            Starts.cancelRetry(item);
            if (item.ending == null) {
                done = new CompletableFuture<>();
                item.ending = done;
                Run run = item.run;
                Run kept = item.kept;
                if (run != null) {
                    run.cancelled = true;
                }
                if (run != null || kept != null) {
                    item.state = EntryState.SHUTTING_DOWN;
                }
                Bounded.start("end-" + item.id(), () -> finish(item, run, kept, why, done));
            } else {
                done = item.ending;
            }
        }
        graph.changes().changed(item);
        item.harden(why);
        return done;
    }

    /** What a driver has made stopped by itself. */
    void lost(Run run, Throwable cause) {
        synchronized (graph.lock()) {
            if (run.item().run != run || run.cancelled) {
                return;
            }
            String why = cause.getMessage() == null ? cause.toString() : cause.getMessage();
            end(run.item(), Ending.failed(why));
        }
    }

    private void finish(Item item, Run run, Run kept, Ending why, CompletableFuture<Void> done) {
        try {
            endUsers(item, why);
            if (run != null) {
                finishRun(item, run, why);
            }
            if (kept != null) {
                drop(item, kept);
            }
        } catch (RuntimeException | Error e) {
            graph.log().log(Level.ERROR, item.nameAtStart() + " did not end well", e);
        }
        Run refused = null;
        CompletableFuture<Void> first;
        boolean gone;
        synchronized (graph.lock()) {
            item.kept = null;
            Run left = leftBy(run);
            if (left != null && why.replacement() && !item.deleted && !graph.isClosing()) {
                item.kept = left;
            } else {
                refused = left;
            }
            if (item.run == run) {
                item.run = null;
            }
            item.ending = null;
            first = item.first;
            item.first = null;
            gone = item.deleted || graph.isClosing() || first != null;
            settle(item, why, gone, run != null || kept != null);
        }
        if (refused != null) {
            drop(item, refused);
        }
        if (gone) {
            endOwned(item);
            graph.changes().gone(item);
        } else {
            graph.changes().changed(item);
            if (graph.starts().isWorthStarting(item)) {
                graph.starts().tryStart(item);
            }
        }
        if (first != null) {
            first.completeExceptionally(
                    new BlockException(
                            Reason.UNAVAILABLE,
                            item.nameAtStart() + " could not be added: " + why.reason()));
        }
        done.complete(null);
    }

    /** Under the lock: what a run has handed over, or has not come to take over. */
    private static Run leftBy(Run run) {
        if (run == null || run.abandoned) {
            return null;
        }
        Run inherits = run.inherits;
        run.inherits = null;
        return run.handedOver ? run : inherits;
    }

    /** Frees what was handed over and nobody will take. */
    void drop(Item item, Run handedOver) {
        graph.handovers().drop(handedOver);
        item.notTakenOver(handedOver);
        handedOver.disconnect();
        synchronized (graph.lock()) {
            handedOver.release();
        }
    }

    private void finishRun(Item item, Run run, Ending why) {
        try {
            Bounded.await(run.settled, Pace.CREATE);
        } catch (ExecutionException | TimeoutException e) {
            graph.log().log(Level.DEBUG, "settling", e);
        }
        boolean made;
        synchronized (graph.lock()) {
            run.abandoned = !run.returned;
            made = run.made;
        }
        try {
            if (run.abandoned) {
                graph.log().log(
                        Level.WARNING,
                        item.nameAtStart()
                                + ": its driver is still busy making it; it is left behind");
            } else if (made && !(why.replacement() && suspend(item, run))) {
                item.unmake(run, why);
            }
        } finally {
            if (!run.handedOver) {
                run.disconnect();
            }
            synchronized (graph.lock()) {
                run.driver().runs.remove(run);
                if (!run.handedOver) {
                    run.release();
                }
            }
        }
    }

    private boolean suspend(Item item, Run run) {
        if (!graph.handovers().suspend(run, () -> item.suspend(run))) {
            return false;
        }
        synchronized (graph.lock()) {
            run.handedOver = true;
            run.expires(graph.after(Handovers.KEPT_MILLIS, () -> expire(item, run)));
        }
        graph.log().log(Level.INFO, item.nameAtStart() + " is kept for its driver's next version");
        return true;
    }

    private void expire(Item item, Run run) {
        synchronized (graph.lock()) {
            if (item.kept != run) {
                return;
            }
        }
        graph.log().log(
                Level.WARNING, item.nameAtStart() + ": no next version of its driver came in time");
        end(item, Ending.handoverExpired());
    }

    private void endUsers(Item item, Ending why) {
        List<CompletableFuture<Void>> endings = new ArrayList<>();
        synchronized (graph.lock()) {
            for (Run user : List.copyOf(item.users)) {
                boolean together = why.replacement() && haveOneBundle(item, user);
                if (together && user.item().kept == user) {
                    continue; // It waits for the bundle's next version, as this will.
                }
                Ending ending =
                        graph.isClosing()
                                ? Ending.daemonStops()
                                : together
                                        ? Ending.togetherWith(item)
                                        : Ending.without(item, why.pace());
                endings.add(end(user.item(), ending));
            }
        }
        if (!Bounded.awaitAll(endings, 2 * Graph.CALLBACK_MILLIS)) {
            graph.log().log(Level.WARNING, "Users of " + item.name() + " have not ended in time");
        }
    }

    /** Under the lock: whether a user's driver and that of what it uses are of one bundle. */
    private static boolean haveOneBundle(Item item, Run user) {
        return item.run != null
                && item.run.driver().identity().bundleId() == user.driver().identity().bundleId();
    }

    /** Under the lock: what becomes of an item that has ended. */
    private void settle(Item item, Ending why, boolean gone, boolean ran) {
        if (gone) {
            if (ran) {
                graph.log().log(Level.INFO, item.nameAtStart() + " is gone");
            }
            graph.remove(item);
            return;
        }
        if (System.nanoTime() - item.runningSince > STEADY_NANOS) {
            item.failures = 0;
        }
        item.state = why.next();
        item.reason = why.reason();
        if (!why.missing().isEmpty()) {
            item.missing.add(why.missing());
        }
        // Of what is kept it was said; for clients it has not ended.
        if (ran && item.kept == null) {
            graph.log().log(Level.INFO, item.nameAtStart() + " has ended: " + item.reason);
        }
        if (why.next() == EntryState.FAILED && item.desired()) {
            graph.starts().retryLater(item);
        }
    }

    /** Ends the nodes that were defined inside an item that is gone. */
    void endOwned(Item item) {
        List<CompletableFuture<Void>> endings = new ArrayList<>();
        synchronized (graph.lock()) {
            item.owned.forEach(child -> endings.add(end(child, Ending.deleted(ShutdownMode.HARD))));
            item.owned.clear();
        }
        if (!graph.isClosing()) {
            Bounded.awaitAll(endings, Graph.CALLBACK_MILLIS);
        }
        // When all end at once, those that are defined inside wait for what they are defined in.
    }
}
