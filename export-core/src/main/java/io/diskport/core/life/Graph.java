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
import java.util.HashSet;
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

    /** What ran for so long is tried again soon when it fails. */
    private static final long STEADY_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Object lock = new Object();
    private final Map<Kind, Map<String, Item>> tables = new EnumMap<>(Kind.class);
    private final DriverTable drivers = new DriverTable();
    private final BiFunction<Kind, String, String> whyNoDriver;
    private final References references;
    private final Handovers handovers;
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
        this.handovers = new Handovers(log);
        for (Kind kind : Kind.values()) {
            tables.put(kind, new TreeMap<>());
        }
        timer.setThreadFactory(
                task -> {
                    Thread thread = new Thread(task, "diskport-timer");
                    thread.setDaemon(true);
                    thread.setContextClassLoader(null);
                    return thread;
                });
        // Made here, so that it inherits nothing from the bundle that causes the first task.
        timer.prestartCoreThread();
        timer.setRemoveOnCancelPolicy(true);
    }

    Object lock() {
        return lock;
    }

    Logger log() {
        return log;
    }

    Handovers handovers() {
        return handovers;
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
                endings.add(end(run.item(), Ending.driverLeft()));
            }
        }
        changes.driversChanged();
        if (!awaitAll(endings, closing ? Pace.REQUEST : CALLBACK_MILLIS)) {
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
        orphans.forEach(item -> end(item, Ending.handoverExpired()));
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
            if (closing) {
                return;
            }
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
        return reason(item, new HashSet<>());
    }

    private String reason(Item item, Set<Item> seen) {
        Optional<Item> lacking = Optional.empty();
        synchronized (lock) {
            if (item.state != EntryState.WAITING) {
                return item.reason;
            }
            if (!seen.add(item)) {
                return "they need each other in a circle";
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
                ? needs(item, lacking.get(), seen)
                : whyNoDriver.apply(item.kind(), item.type());
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
            Runnable news;
            synchronized (lock) {
                if (!isStartable(item)) {
                    return;
                }
                if (drivers.serving(kind, type).isPresent()) {
                    continue;
                }
                Set<String> keys = Set.of(driverKey(kind, type));
                news = failed(item, new Missing(Reason.UNAVAILABLE, why, keys, false));
            }
            news.run();
            return;
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
            giveUp(item, run, failure);
        }
        String address = failure == null ? item.address(run) : "";
        boolean late;
        Runnable news = () -> changes.changed(item);
        synchronized (lock) {
            run.returned = true;
            run.made = failure == null;
            late = run.made && run.abandoned;
            if (failure != null) {
                release(run);
            } else if (run.inherits != null) {
                // It has been taken over.
                release(run.inherits);
                run.inherits = null;
            }
            if (item.run == run && !run.cancelled) {
                if (failure == null) {
                    running(item);
                    log.log(
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
            disconnect(run);
            synchronized (lock) {
                release(run);
            }
        }
        news.run();
        if (state(item) == EntryState.RUNNING) {
            wake(item.key());
        }
    }

    /** Frees what core holds for a run that was not made; what it was to take over may wait on. */
    private void giveUp(Item item, Run run, BlockException failure) {
        disconnect(run);
        Run inherits;
        synchronized (lock) {
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
            drop(item, inherits);
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
            remove(item);
            return () -> {
                endOwned(item);
                changes.gone(item);
                first.completeExceptionally(failure);
            };
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
        return () -> changes.changed(item);
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
            if (tables.get(item.kind()).get(item.id()) != item) {
                return CompletableFuture.completedFuture(null);
            }
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
        CompletableFuture<Void> first;
        boolean gone;
        synchronized (lock) {
            item.kept = null;
            Run left = leftBy(run);
            if (left != null && why.replacement() && !item.deleted && !closing) {
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
            gone = item.deleted || closing || first != null;
            settle(item, why, gone, run != null || kept != null);
        }
        if (refused != null) {
            drop(item, refused);
        }
        if (gone) {
            endOwned(item);
            changes.gone(item);
        } else {
            changes.changed(item);
            if (isWorthStarting(item)) {
                tryStart(item);
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
    private void drop(Item item, Run handedOver) {
        handovers.drop(handedOver);
        item.notTakenOver(handedOver);
        disconnect(handedOver);
        synchronized (lock) {
            release(handedOver);
        }
    }

    private void finishRun(Item item, Run run, Ending why) {
        try {
            Bounded.await(run.settled, Pace.CREATE);
        } catch (ExecutionException | TimeoutException e) {
            log.log(Level.DEBUG, "settling", e);
        }
        boolean made;
        synchronized (lock) {
            run.abandoned = !run.returned;
            made = run.made;
        }
        try {
            if (run.abandoned) {
                log.log(
                        Level.WARNING,
                        item.nameAtStart()
                                + ": its driver is still busy making it; it is left behind");
            } else if (made && !(why.replacement() && suspend(item, run))) {
                item.unmake(run, why);
            }
        } finally {
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
    }

    private boolean suspend(Item item, Run run) {
        if (!handovers.suspend(run, () -> item.suspend(run))) {
            return false;
        }
        synchronized (lock) {
            run.handedOver = true;
        }
        log.log(Level.INFO, item.nameAtStart() + " is kept for its driver's next version");
        after(Handovers.KEPT_MILLIS, () -> expire(item, run));
        return true;
    }

    private void expire(Item item, Run run) {
        synchronized (lock) {
            if (item.kept != run) {
                return;
            }
        }
        log.log(Level.WARNING, item.nameAtStart() + ": no next version of its driver came in time");
        end(item, Ending.handoverExpired());
    }

    private void endUsers(Item item, Ending why) {
        List<CompletableFuture<Void>> endings = new ArrayList<>();
        synchronized (lock) {
            for (Run user : List.copyOf(item.users)) {
                boolean together = why.replacement() && haveOneBundle(item, user);
                if (together && user.item().kept == user) {
                    continue; // It waits for the bundle's next version, as this will.
                }
                Ending ending =
                        closing
                                ? Ending.daemonStops()
                                : together
                                        ? Ending.togetherWith(item)
                                        : Ending.without(item, why.pace());
                endings.add(end(user.item(), ending));
            }
        }
        if (!awaitAll(endings, 2 * CALLBACK_MILLIS)) {
            log.log(Level.WARNING, "Users of " + item.name() + " have not ended in time");
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
                log.log(Level.INFO, item.nameAtStart() + " is gone");
            }
            remove(item);
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

    /** Ends the nodes that were defined inside an item that is gone. */
    private void endOwned(Item item) {
        List<CompletableFuture<Void>> endings = new ArrayList<>();
        synchronized (lock) {
            item.owned.forEach(child -> endings.add(end(child, Ending.deleted(ShutdownMode.HARD))));
            item.owned.clear();
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
