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
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.stream.Stream;

/**
 * All exports, nodes and objects, what refers to what, and the drivers there are: what comes and
 * goes is handed to {@link Starts} and {@link Endings}.
 *
 * <p>One lock guards the tables and the states of items. It is never held while a driver is called.
 */
final class Graph {
    /** How long a callback of the framework waits for the end of what a driver has made. */
    static final long CALLBACK_MILLIS = 10_000;

    private static final long STOP_MILLIS = 9_000;

    private final Object lock = new Object();
    private final Map<Kind, Map<String, Item>> tables = new EnumMap<>(Kind.class);
    private final DriverTable drivers = new DriverTable();
    private final Lacks lacks;
    private final Starts starts;
    private final Endings endings;
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
        this.lacks = new Lacks(this, whyNoDriver);
        this.starts = new Starts(this);
        this.endings = new Endings(this);
        this.changes = changes;
        this.log = log;
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

    Changes changes() {
        return changes;
    }

    Starts starts() {
        return starts;
    }

    Endings endings() {
        return endings;
    }

    Lacks lacks() {
        return lacks;
    }

    /** Whether the daemon is stopping, and nothing is started any more. */
    boolean isClosing() {
        synchronized (lock) {
            return closing;
        }
    }

    /** Calls back later, on a thread that must not be held up, unless the daemon stops. */
    Future<?> after(long millis, Runnable task) {
        synchronized (lock) {
            return closing
                    ? CompletableFuture.completedFuture(null)
                    : timer.schedule(task, millis, TimeUnit.MILLISECONDS);
        }
    }

    /** Under the lock: everything there is, of every kind. */
    Stream<Item> items() {
        return tables.values().stream().flatMap(table -> table.values().stream());
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
                        Reason.EXISTS,
                        switch (item.kind()) {
                                    case EXPORT ->
                                            "Block export id '" + item.id() + "' is already in use";
                                    case NODE ->
                                            "Duplicate nodes with node-name='" + item.id() + "'";
                                    case OBJECT -> item.nameAtStart() + " exists already";
                                }
                                + "; choose another "
                                + (item.kind() == Kind.NODE ? "name" : "id"));
            }
        }
        changes.changed(item);
        starts.tryStart(item);
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
            endings.end(item, Ending.deleted(ShutdownMode.HARD));
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
                starts.tryStart(item);
            }
        }
    }

    /** A driver has left: ends what it has made and waits for that, within bounds. */
    void driverLeft(DriverRef driver) {
        List<CompletableFuture<Void>> waitFor = new ArrayList<>();
        synchronized (lock) {
            drivers.remove(driver);
            for (Run run : List.copyOf(driver.runs)) {
                waitFor.add(endings.end(run.item(), Ending.driverLeft()));
            }
        }
        changes.driversChanged();
        if (!Bounded.awaitAll(waitFor, isClosing() ? Pace.REQUEST : CALLBACK_MILLIS)) {
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
        orphans.forEach(item -> endings.end(item, Ending.handoverExpired()));
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
        waiting.forEach(starts::tryStart);
    }

    static String driverKey(Kind kind, String type) {
        return "driver " + kind + " " + type;
    }

    /** Ends everything, exports in parallel, and takes nothing new; returns within some 9 s. */
    void close() {
        List<CompletableFuture<Void>> waitFor = new ArrayList<>();
        synchronized (lock) {
            if (closing) {
                return;
            }
            closing = true;
            timer.shutdownNow();
            for (Kind kind : Kind.values()) {
                for (Item item : List.copyOf(tables.get(kind).values())) {
                    waitFor.add(endings.end(item, Ending.daemonStops()));
                }
            }
        }
        if (!Bounded.awaitAll(waitFor, STOP_MILLIS)) {
            log.log(Level.WARNING, "Not everything has ended in time; it is left behind");
        }
    }

    /** Under the lock: takes an item out of its table. */
    void remove(Item item) {
        item.deleted = true;
        item.missing.clear();
        tables.get(item.kind()).remove(item.id(), item);
    }

    EntryState state(Item item) {
        synchronized (lock) {
            return item.state;
        }
    }
}
