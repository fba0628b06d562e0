package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.BlockException;
import io.diskport.api.export.BlockExportDriver;
import io.diskport.api.export.ShutdownMode;
import io.diskport.api.manage.DriverEntry;
import io.diskport.api.manage.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceRegistration;

/** Drivers are services that come, go and change. */
class DriverDynamicsTest {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final int THREADS = 4;
    private static final int TIMES = Distribution.isLong() ? 1000 : 50;

    @RegisterExtension private final Bench bench = new Bench();

    private EmbeddedCore core;

    @BeforeEach
    void start() throws Exception {
        core = bench.closing(EmbeddedCore.start(bench.folder()));
        core.nodes().add(Map.of("driver", "memory", "node-name", "m", "size", "1M"));
    }

    @Test
    void driverThatComesAndGoesFromManyThreads() throws Exception {
        List<CountingDriver> drivers = new CopyOnWriteArrayList<>();
        List<Callable<Void>> tasks = new ArrayList<>();
        for (int thread = 0; thread < THREADS; thread++) {
            tasks.add(() -> comeAndGo(drivers));
            String id = "x" + thread;
            tasks.add(() -> addAndDelete(id));
        }

        runAll(tasks);

        assertEquals(THREADS * TIMES, drivers.size());
        for (CountingDriver driver : drivers) {
            assertEquals(java.util.Set.of(), driver.mistakes());
            assertEquals(0, driver.alive(), "exports of a driver that has left");
        }
        assertTrue(drivers.stream().mapToInt(CountingDriver::made).sum() > 0, "some were made");
        core.exports().list().forEach(left -> delete(left.id()));
        assertEquals(List.of(), core.exports().list());
        core.nodes().delete("m");
    }

    @Test
    void exportWaitsForItsDriverAndRunsWithTheNext() throws Exception {
        CountingDriver first = new CountingDriver();
        ServiceRegistration<?> registration = register(first, 0);
        core.exports().add(export("x"));

        registration.unregister();
        assertEquals(0, first.alive());
        assertTrue(state("x").startsWith("waiting"), state("x"));
        CountingDriver second = new CountingDriver();
        register(second, 0);

        Await.until(() -> "runs: " + state("x"), SOON, () -> second.alive() == 1);
    }

    @Test
    void theHighestRankingServes() throws Exception {
        CountingDriver low = new CountingDriver();
        CountingDriver high = new CountingDriver();
        ServiceRegistration<?> lowest = register(low, 1);
        register(high, 2);
        core.exports().add(export("x"));
        assertEquals(1, high.alive());

        lowest.setProperties(properties(3));
        core.exports().add(export("y"));

        assertEquals(1, low.alive(), "the new one is the other driver's");
        assertEquals(1, high.alive(), "what runs stays");
        assertEquals("3 serving, 2 standby", ranks());
    }

    private Void comeAndGo(List<CountingDriver> drivers) {
        for (int time = 0; time < TIMES; time++) {
            CountingDriver driver = new CountingDriver();
            drivers.add(driver);
            register(driver, time % 3).unregister();
        }
        return null;
    }

    private Void addAndDelete(String id) {
        for (int time = 0; time < TIMES; time++) {
            try {
                core.exports().add(export(id));
            } catch (BlockException e) {
                // There was no driver at that moment, or it left meanwhile.
            }
            delete(id);
        }
        return null;
    }

    private void delete(String id) {
        try {
            core.exports().delete(id, ShutdownMode.HARD);
        } catch (BlockException e) {
            // It was not added.
        }
        Await.until(() -> id + " is gone: " + state(id), SOON, () -> state(id).isEmpty());
    }

    private String state(String id) {
        return EmbeddedCore.state(core.exports().find(id));
    }

    private String ranks() {
        DriverManager manager =
                core.context().getService(core.context().getServiceReference(DriverManager.class));
        List<String> ranks = new ArrayList<>();
        for (DriverEntry entry : manager.list()) {
            if (entry.type().equals(CountingDriver.TYPE)) {
                ranks.add(entry.ranking() + " " + entry.state());
            }
        }
        return String.join(", ", ranks);
    }

    private ServiceRegistration<?> register(CountingDriver driver, int ranking) {
        return core.context().registerService(BlockExportDriver.class, driver, properties(ranking));
    }

    private static Dictionary<String, Object> properties(int ranking) {
        return new Hashtable<>(
                Map.of(
                        BlockExportDriver.TYPE_PROPERTY,
                        CountingDriver.TYPE,
                        Constants.SERVICE_RANKING,
                        ranking));
    }

    private static Map<String, String> export(String id) {
        return Map.of("type", CountingDriver.TYPE, "id", id, "node-name", "m");
    }

    private static void runAll(List<Callable<Void>> tasks) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(tasks.size());
        try {
            for (Future<Void> task : threads.invokeAll(tasks, 5, TimeUnit.MINUTES)) {
                task.get();
            }
        } catch (ExecutionException e) {
            throw new AssertionError(Optional.ofNullable(e.getCause()).orElse(e));
        } finally {
            threads.shutdownNow();
        }
    }
}
