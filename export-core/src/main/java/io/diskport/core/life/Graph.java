package io.diskport.core.life;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.export.ShutdownMode;
import io.diskport.api.manage.EntryState;
import io.diskport.api.manage.Kind;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;

/**
 * All exports, nodes and objects, what refers to what, and the drivers there are: starts what can
 * run, and ends it from the top down when something beneath it goes.
 *
 * <p>One lock guards the tables and the states of items. It is never held while a driver is called.
 */
final class Graph {
    /** How long a callback of the framework waits for the end of what a driver has made. */
    static final long CALLBACK_MILLIS = 10_000;

    private static final long STOP_MILLIS = 9_000;
    private static final long FIRST_RETRY_MILLIS = 500;
    private static final long LAST_RETRY_MILLIS = 30_000;

    private final Object lock = new Object();
    private final Map<Kind, Map<String, Item>> tables = new EnumMap<>(Kind.class);
    private final DriverTable drivers = new DriverTable();
    private final BiFunction<Kind, String, String> whyNoDriver;
    private final References references;
    private final Changes changes;
    private final Logger log;
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
    private boolean closing;

    /**
     * An empty graph.
     *
     * @param whyNoDriver why no driver serves a type, for people
     */
    Graph(BiFunction<Kind, String, String> whyNoDriver, Changes changes, Logger log) {
        this.whyNoDriver = whyNoDriver;
        this.changes = changes;
        this.log = log;
        this.references = new References(this);
        for (Kind kind : Kind.values()) {
            tables.put(kind, new TreeMap<>());
        }
        timer.setThreadFactory(
                task -> {
                    Thread thread = new Thread(task, "diskport-timer");
                    thread.setDaemon(true);
                    return thread;
                });
        timer.setRemoveOnCancelPolicy(true);
    }

    Object lock() {
        return lock;
    }

    Logger log() {
        return log;
    }

    /** Calls back later, on a thread that must not be held up. */
    void after(long millis, Runnable task) {
        synchronized (lock) {
            if (!closing) {
                timer.schedule(task, millis, TimeUnit.MILLISECONDS);
            }
        }
    }

    Optional<Item> find(Kind kind, String id) {
        synchronized (lock) {
            return Optional.ofNullable(tables.get(kind).get(id));
        }
    }

    List<Item> all(Kind kind) {
        synchronized (lock) {
            return List.copyOf(tables.get(kind).values());
        }
    }

    List<DriverRef> drivers() {
        synchronized (lock) {
            return drivers.all();
        }
    }

    Optional<DriverRef> serving(Kind kind, String type) {
        synchronized (lock) {
            return drivers.serving(kind, type);
        }
    }

    Optional<DriverRef> placeholder(Kind kind, String type) {
        synchronized (lock) {
            return drivers.placeholder(kind, type);
        }
    }

    List<String> types(Kind kind) {
        synchronized (lock) {
            return drivers.types(kind);
        }
    }

    /** Adds an item and starts it as soon as that can be done. */
    void add(Item item) throws BlockException {
        synchronized (lock) {
            if (closing) {
                throw new BlockException(
                        Reason.SHUTTING_DOWN,
                        item.nameAtStart() + " cannot be added: the daemon is stopping");
            }
            if (tables.get(item.kind()).putIfAbsent(item.id(), item) != null) {
                throw new BlockException(
                        Reason.EXISTS, item.nameAtStart() + " exists already; choose another id");
            }
        }
        changes.changed(item);
        tryStart(item);
    }

    /** Adds an item and waits until it runs; if it does not, nothing is left behind. */
    void addAndWait(Item item) throws BlockException {
        CompletableFuture<Void> first = new CompletableFuture<>();
        item.first = first;
        add(item);
        try {
            first.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            end(item, Ending.deleted(ShutdownMode.HARD));
            throw new BlockException(Reason.FAILED, "Interrupted while adding " + item.name(), e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof BlockException refusal) {
                throw refusal;
            }
            throw new BlockException(Reason.FAILED, e.getCause().toString(), e.getCause());
        }
    }

    /** A driver is there now. */
    void driverCame(DriverRef driver) {
        synchronized (lock) {
            drivers.add(driver);
        }
        changes.driversChanged();
        Kind kind = driver.identity().kind();
        String type = driver.identity().type();
        wake(driverKey(kind, type));
        for (Item item : all(kind)) {
            if (item.type().equals(type) && state(item) == EntryState.FAILED) {
                tryStart(item);
            }
        }
    }

    /** A driver has left: ends what it has made and waits for that, within bounds. */
    void driverLeft(DriverRef driver) {
        List<CompletableFuture<Void>> endings = new ArrayList<>();
        synchronized (lock) {
            drivers.remove(driver);
            for (Run run : List.copyOf(driver.runs)) {
                endings.add(end(run.item(), Ending.driverLeft("its driver has left")));
            }
        }
        changes.driversChanged();
        if (!awaitAll(endings, CALLBACK_MILLIS)) {
            log.log(
                    Level.WARNING,
                    "Driver "
                            + driver.identity().type()
                            + " has left before all it made has ended");
        }
    }

    /** A driver's ranking is another now; what runs stays with the driver that made it. */
    void driverChanged(DriverRef driver, DriverRef.Identity now) {
        synchronized (lock) {
            driver.identity(now);
            drivers.sort();
        }
        changes.driversChanged();
        wake(driverKey(now.kind(), now.type()));
    }

    /** A bundle was uninstalled: nobody will take over what its drivers have left. */
    void bundleUninstalled(long bundleId) {
        List<Item> orphans = new ArrayList<>();
        synchronized (lock) {
            for (Map<String, Item> table : tables.values()) {
                for (Item item : table.values()) {
                    Run kept = item.kept;
                    if (kept != null && kept.driver().identity().bundleId() == bundleId) {
                        orphans.add(item);
                    }
                }
            }
        }
        orphans.forEach(item -> end(item, Ending.waiting("its driver has left", 0)));
    }

    /** Something to wait for is there: starts what waits for it. */
    void wake(String key) {
        List<Item> waiting = new ArrayList<>();
        synchronized (lock) {
            for (Map<String, Item> table : tables.values()) {
                for (Item item : table.values()) {
                    if (item.missing.contains(key)) {
                        waiting.add(item);
                    }
                }
            }
        }
        waiting.forEach(this::tryStart);
    }

    static String driverKey(Kind kind, String type) {
        return "driver " + kind + " " + type;
    }

    /** Ends everything, exports in parallel, and takes nothing new; returns within some 9 s. */
    void close() {
        List<CompletableFuture<Void>> endings = new ArrayList<>();
        synchronized (lock) {
            closing = true;
            timer.shutdownNow();
            for (Kind kind : Kind.values()) {
                for (Item item : List.copyOf(tables.get(kind).values())) {
                    endings.add(end(item, Ending.daemonStops()));
                }
            }
        }
        if (!awaitAll(endings, STOP_MILLIS)) {
            log.log(Level.WARNING, "Not everything has ended in time; it is left behind");
        }
    }

    /** Why an item does not run, as things are now: what it waited for first may have changed. */
    String reason(Item item) {
        Optional<Item> lacking = Optional.empty();
        synchronized (lock) {
            if (item.state != EntryState.WAITING) {
                return item.reason;
            }
            if (!item.missing.contains(driverKey(item.kind(), item.type()))) {
                lacking =
                        tables.values().stream()
                                .flatMap(table -> table.values().stream())
                                .filter(other -> item.missing.contains(other.key()))
                                .findFirst();
                if (lacking.isEmpty()) {
                    return item.reason;
                }
            }
        }
        return lacking.isPresent()
                ? needs(item, lacking.get())
                : whyNoDriver.apply(item.kind(), item.type());
    }

    /** What is said of an item that needs another one which does not run. */
    String needs(Item item, Item lacking) {
        String why = reason(lacking);
        return item.nameAtStart()
                + " needs "
                + lacking.name()
                + ", which is "
                + state(lacking)
                + (why.isEmpty() ? "" : ": " + why);
    }

    /** Starts an item if it waits or failed and its driver is there. */
    void tryStart(Item item) {
        Kind kind = item.kind();
        String type = item.type();
        while (true) {
            synchronized (lock) {
                if (!isStartable(item)) {
                    return;
                }
                Optional<DriverRef> driver = drivers.serving(kind, type);
                if (driver.isPresent()) {
                    start(item, driver.get());
                    return;
                }
            }
            String why = whyNoDriver.apply(kind, type);
            synchronized (lock) {
                if (!isStartable(item)) {
                    return;
                }
                if (drivers.serving(kind, type).isEmpty()) {
                    Set<String> keys = Set.of(driverKey(kind, type));
                    failed(item, new Missing(Reason.UNAVAILABLE, why, keys, false));
                    return;
                }
            }
        }
    }

    /** Whether an item that has ended could start again at once. */
    private boolean isWorthStarting(Item item) {
        synchronized (lock) {
            return item.state == EntryState.WAITING
                    && (item.missing.isEmpty()
                            || tables.values().stream()
                                    .flatMap(table -> table.values().stream())
                                    .anyMatch(
                                            other ->
                                                    item.missing.contains(other.key())
                                                            && other.state == EntryState.RUNNING));
        }
    }

    private boolean isStartable(Item item) {
        return !closing
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
            log.log(Level.ERROR, item.nameAtStart() + " could not be started", e);
            failure =
                    new BlockException(
                            Reason.FAILED, item.nameAtStart() + " could not be started: " + e, e);
        }
        if (failure != null) {
            disconnect(run);
        }
        if (run.inherits != null && failure != null) {
            item.dropHandover(run.inherits);
            disconnect(run.inherits);
        }
        boolean late;
        synchronized (lock) {
            if (run.inherits != null) {
                release(run.inherits);
                run.inherits = null;
            }
            run.returned = true;
            run.made = failure == null;
            late = run.made && run.abandoned;
            if (failure != null) {
                release(run);
            }
            if (item.run == run && !run.cancelled) {
                if (failure == null) {
                    running(item);
                } else {
                    item.run = null;
                    failed(item, failure);
                }
            }
        }
        run.settled.complete(null);
        if (late) {
            item.unmake(run, Ending.waiting("", 0));
            disconnect(run);
        }
        changes.changed(item);
        if (state(item) == EntryState.RUNNING) {
            wake(item.key());
        } else {
            endOwnedIfDeleted(item);
        }
    }

    private void running(Item item) {
        item.state = EntryState.RUNNING;
        item.reason = "";
        item.logged = "";
        item.failures = 0;
        if (item.first != null) {
            item.first.complete(null);
            item.first = null;
        }
        log.log(Level.INFO, item.nameAtStart() + " (" + item.type() + ") is running");
    }

    /** Under the lock: notes why an item does not run, or removes it if it was being added. */
    private void failed(Item item, BlockException failure) {
        if (item.first != null) {
            remove(item);
            item.first.completeExceptionally(failure);
            item.first = null;
            return;
        }
        boolean news = !failure.getMessage().equals(item.logged);
        item.reason = failure.getMessage();
        item.logged = failure.getMessage();
        if (failure instanceof Missing missing) {
            item.state = EntryState.WAITING;
            item.missing.addAll(missing.keys());
            if (isWorthStarting(item) && !closing) {
                // What it lacked has come since: nobody else will wake it.
                timer.execute(() -> tryStart(item));
            }
            if (news && !missing.soon()) {
                log.log(Level.INFO, item.nameAtStart() + " waits: " + item.reason);
            }
        } else {
            item.state = EntryState.FAILED;
            if (news) {
                log.log(Level.WARNING, item.nameAtStart() + " failed: " + item.reason);
            }
            retryLater(item);
        }
        changes.changed(item);
    }

    private void retryLater(Item item) {
        long delay = Math.min(LAST_RETRY_MILLIS, FIRST_RETRY_MILLIS << Math.min(item.failures, 10));
        item.failures++;
        if (!closing) {
            item.retry = timer.schedule(() -> tryStart(item), delay, TimeUnit.MILLISECONDS);
        }
    }

    private static void cancelRetry(Item item) {
        if (item.retry != null) {
            item.retry.cancel(false);
            item.retry = null;
        }
    }

    /**
     * Ends an item, and before it whatever uses it.
     *
     * @return done when it has ended; never fails
     */
    CompletableFuture<Void> end(Item item, Ending why) {
        CompletableFuture<Void> done;
        synchronized (lock) {
            item.deleted |= why.delete();
            cancelRetry(item);
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
        changes.changed(item);
        item.harden(why);
        return done;
    }

    /** What a driver has made stopped by itself. */
    void lost(Run run, Throwable cause) {
        synchronized (lock) {
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
            log.log(Level.ERROR, item.nameAtStart() + " did not end well", e);
        }
        Run refused = null;
        synchronized (lock) {
            item.kept = null;
            if (run != null && run.handedOver) {
                if (item.deleted || closing) {
                    refused = run;
                } else {
                    item.kept = run;
                }
            }
            if (item.run == run) {
                item.run = null;
            }
            item.ending = null;
            settle(item, why, run != null || kept != null);
        }
        if (refused != null) {
            drop(item, refused);
        }
        changes.changed(item);
        endOwnedIfDeleted(item);
        if (item.deleted) {
            changes.freed(item);
        } else if (isWorthStarting(item)) {
            tryStart(item);
        }
        done.complete(null);
    }

    /** Frees what was handed over and nobody will take. */
    private void drop(Item item, Run handedOver) {
        item.dropHandover(handedOver);
        disconnect(handedOver);
        synchronized (lock) {
            release(handedOver);
        }
    }

    private void finishRun(Item item, Run run, Ending why) {
        try {
            Bounded.await(run.settled, Ending.CREATE_MILLIS);
        } catch (ExecutionException | TimeoutException e) {
            log.log(Level.DEBUG, "settling", e);
        }
        boolean made;
        synchronized (lock) {
            run.abandoned = !run.returned;
            made = run.made;
        }
        if (run.abandoned) {
            log.log(
                    Level.WARNING,
                    item.nameAtStart() + ": its driver is still busy making it; it is left behind");
        } else if (made) {
            item.unmake(run, why);
        }
        if (!run.handedOver) {
            disconnect(run);
        }
        synchronized (lock) {
            run.driver().runs.remove(run);
            if (!run.handedOver) {
                release(run);
            }
        }
    }

    private void endUsers(Item item, Ending why) {
        List<CompletableFuture<Void>> endings = new ArrayList<>();
        synchronized (lock) {
            for (Run user : List.copyOf(item.users)) {
                Ending ending =
                        closing ? Ending.daemonStops() : Ending.without(item, why.clientMillis());
                endings.add(end(user.item(), ending));
            }
        }
        if (!awaitAll(endings, 2 * CALLBACK_MILLIS)) {
            log.log(Level.WARNING, "Users of " + item.name() + " have not ended in time");
        }
    }

    /** Under the lock: what becomes of an item that has ended. */
    private void settle(Item item, Ending why, boolean ran) {
        if (item.deleted || closing || item.first != null) {
            if (ran) {
                log.log(Level.INFO, item.nameAtStart() + " is gone");
            }
            remove(item);
            if (item.first != null) {
                item.first.completeExceptionally(
                        new BlockException(
                                Reason.UNAVAILABLE,
                                item.nameAtStart() + " could not be added: " + why.reason()));
                item.first = null;
            }
            return;
        }
        item.state = why.next();
        item.reason = why.reason();
        if (!why.missing().isEmpty()) {
            item.missing.add(why.missing());
        }
        if (ran) {
            log.log(Level.INFO, item.nameAtStart() + " has ended: " + item.reason);
        }
        if (why.next() == EntryState.FAILED && item.desired()) {
            retryLater(item);
        }
    }

    private void remove(Item item) {
        item.deleted = true;
        item.missing.clear();
        tables.get(item.kind()).remove(item.id(), item);
    }

    private void endOwnedIfDeleted(Item item) {
        List<CompletableFuture<Void>> endings = new ArrayList<>();
        synchronized (lock) {
            if (item.deleted) {
                item.owned.forEach(
                        child -> endings.add(end(child, Ending.deleted(ShutdownMode.HARD))));
                item.owned.clear();
            }
        }
        awaitAll(endings, CALLBACK_MILLIS);
    }

    private static void disconnect(Run run) {
        run.links.forEach(link -> link.close());
    }

    /** Under the lock: gives back what a run protects. */
    private static void release(Run run) {
        run.uses.forEach(used -> used.users.remove(run));
        run.uses.clear();
        run.driver().runs.remove(run);
    }

    private EntryState state(Item item) {
        synchronized (lock) {
            return item.state;
        }
    }

    private static boolean awaitAll(List<CompletableFuture<Void>> futures, long millis) {
        try {
            Bounded.await(
                    CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new)), millis);
            return true;
        } catch (ExecutionException | TimeoutException e) {
            return false;
        }
    }
}
