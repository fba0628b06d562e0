package io.diskport.core.life;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.manage.EntryState;
import io.diskport.api.manage.Kind;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Starts what can run: has a driver make it, with what it refers to. */
final class Starts {
    private static final long FIRST_RETRY_MILLIS = 500;
    private static final long LAST_RETRY_MILLIS = 30_000;

    private final Graph graph;
    private final References references;

    Starts(Graph graph) {
        this.graph = graph;
        this.references = new References(graph);
    }

    /** Starts an item if it waits or failed and its driver is there. */
    void tryStart(Item item) {
        Kind kind = item.kind();
        String type = item.type();
        while (true) {
            synchronized (graph.lock()) {
                if (!isStartable(item)) {
                    return;
                }
                Optional<DriverRef> driver = graph.serving(kind, type);
                if (driver.isPresent()) {
                    start(item, driver.get());
                    return;
                }
            }
            String why = graph.lacks().whyNoDriver(kind, type);
            Runnable news;
            synchronized (graph.lock()) {
                if (item.first != null) {
                    why = CommonOptions.notAccepted(kind, type, why);
                }
                if (!isStartable(item)) {
                    return;
                }
                if (graph.serving(kind, type).isPresent()) {
                    continue;
                }
                Set<String> keys = Set.of(Graph.driverKey(kind, type));
                news = failed(item, new Missing(Reason.UNAVAILABLE, why, keys, false));
            }
            news.run();
            return;
        }
    }

    /** Whether an item that has ended could start again at once. */
    boolean isWorthStarting(Item item) {
        synchronized (graph.lock()) {
            return item.state == EntryState.WAITING
                    && (item.missing.isEmpty()
                            || graph.items()
                                    .anyMatch(
                                            other ->
                                                    item.missing.contains(other.key())
                                                            && other.state == EntryState.RUNNING));
        }
    }

    private boolean isStartable(Item item) {
        return !graph.isClosing()
                && !item.deleted
                && item.ending == null
                && item.run == null
                && (item.state == EntryState.WAITING || item.state == EntryState.FAILED);
    }

    private void start(Item item, DriverRef driver) {
        Run run = item.newRun(driver);
        run.inherits = item.kept;
        item.kept = null;
        item.run = run;
        item.missing.clear();
        cancelRetry(item);
        item.state = EntryState.STARTING;
        item.reason = "";
        driver.runs.add(run);
        Bounded.start(item.kind() + "-" + item.id(), () -> make(item, run));
    }

    private void make(Item item, Run run) {
        BlockException failure = null;
        try {
            Map<String, Object> options = references.resolve(item, run);
            item.make(run, options);
        } catch (BlockException e) {
            failure = e;
        } catch (Exception | Error e) {
            // A driver whose bundle has gone meanwhile fails in many ways that are no news.
            Level level = isCancelled(run) ? Level.DEBUG : Level.ERROR;
            graph.log().log(level, item.nameAtStart() + " could not be started", e);
            failure =
                    new BlockException(
                            Reason.FAILED, item.nameAtStart() + " could not be started: " + e, e);
        }
        if (failure != null) {
            giveUp(item, run, failure);
        }
        String address = failure == null ? item.address(run) : "";
        boolean late;
        Runnable news = () -> graph.changes().changed(item);
        synchronized (graph.lock()) {
            run.returned = true;
            run.made = failure == null;
            late = run.made && run.abandoned;
            if (failure != null) {
                run.release();
            } else if (run.inherits != null) {
                // It has been taken over.
                run.inherits.release();
                run.inherits = null;
            }
            if (item.run == run && !run.cancelled) {
                if (failure == null) {
                    running(item);
                    graph.log().log(
                            Level.INFO,
                            item.nameAtStart()
                                    + " ("
                                    + item.type()
                                    + ") is running"
                                    + (address.isEmpty() ? "" : " at " + address));
                } else {
                    item.run = null;
                    news = failed(item, failure);
                }
            }
        }
        run.settled.complete(null);
        if (late) {
            item.unmake(run, Ending.tooLate());
            run.disconnect();
            synchronized (graph.lock()) {
                run.release();
            }
        }
        news.run();
        if (graph.state(item) == EntryState.RUNNING) {
            graph.wake(item.key());
            if (item.kind() == Kind.OBJECT) {
                graph.wake(Missing.ANY_OBJECT);
            }
        }
    }

    private boolean isCancelled(Run run) {
        synchronized (graph.lock()) {
            return run.cancelled;
        }
    }

    /** Frees what core holds for a run that was not made; what it was to take over may wait on. */
    private void giveUp(Item item, Run run, BlockException failure) {
        run.disconnect();
        Run inherits;
        synchronized (graph.lock()) {
            if (run.cancelled && !run.abandoned) {
                return; // Whoever ends it decides.
            }
            inherits = run.inherits;
            run.inherits = null;
            if (failure instanceof Missing && item.run == run) {
                item.kept = inherits;
                return;
            }
        }
        if (inherits != null) {
            graph.endings().drop(item, inherits);
        }
    }

    private void running(Item item) {
        item.state = EntryState.RUNNING;
        item.reason = "";
        item.logged = "";
        item.runningSince = System.nanoTime();
        if (item.first != null) {
            item.first.complete(null);
            item.first = null;
        }
    }

    /**
     * Under the lock: notes why an item does not run, or removes it if it was being added.
     *
     * @return what is to be done without the lock
     */
    private Runnable failed(Item item, BlockException failure) {
        if (item.first != null) {
            CompletableFuture<Void> first = item.first;
            item.first = null;
            graph.remove(item);
            return () -> {
                graph.endings().endOwned(item);
                graph.changes().gone(item);
                first.completeExceptionally(failure);
            };
        }
        boolean news = !failure.getMessage().equals(item.logged);
        item.reason = failure.getMessage();
        item.logged = failure.getMessage();
        if (failure instanceof Missing missing) {
            item.state = EntryState.WAITING;
            item.missing.addAll(missing.keys());
            boolean hasCome = isWorthStarting(item) || graph.items().anyMatch(missing::isLate);
            if (hasCome && !graph.isClosing()) {
                // What it lacked has come since: nobody else will wake it.
                graph.after(0, () -> tryStart(item));
            }
            if (news && !missing.soon() && item.kept == null) {
                graph.log().log(Level.INFO, item.nameAtStart() + " waits: " + item.reason);
            }
        } else {
            item.state = EntryState.FAILED;
            if (news) {
                graph.log().log(Level.WARNING, item.nameAtStart() + " failed: " + item.reason);
            }
            retryLater(item);
        }
        return () -> graph.changes().changed(item);
    }

    void retryLater(Item item) {
        long delay = Math.min(LAST_RETRY_MILLIS, FIRST_RETRY_MILLIS << Math.min(item.failures, 10));
        item.failures++;
        if (!graph.isClosing()) {
            item.retry = graph.after(delay, () -> tryStart(item));
        }
    }

    static void cancelRetry(Item item) {
        if (item.retry != null) {
            item.retry.cancel(false);
            item.retry = null;
        }
    }
}
