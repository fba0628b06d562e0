package io.diskport.cline;

import io.diskport.api.manage.DriverEntry;
import io.diskport.api.manage.DriverEntry.State;
import io.diskport.api.manage.DriverManager;
import io.diskport.api.manage.Kind;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Waits for drivers whose bundles are there and which do not serve yet. What is deployed has been
 * looked at once before a command line is worked off; a component may still be on its way.
 */
final class Arrivals {
    private static final long LONGEST_MILLIS = 2000;

    private static final Map<Kind, String> TYPE_KEYS =
            Map.of(Kind.EXPORT, "type", Kind.NODE, "driver", Kind.OBJECT, "qom-type");

    private final DriverManager drivers;
    private final long longestMillis;

    Arrivals(DriverManager drivers) {
        this(drivers, LONGEST_MILLIS);
    }

    Arrivals(DriverManager drivers, long longestMillis) {
        this.drivers = drivers;
        this.longestMillis = longestMillis;
    }

    /** Returns when what these options need serves, or when waiting has no sense. */
    void await(Kind kind, Map<String, Object> options) throws InterruptedException {
        Set<String> nodes = new HashSet<>();
        Set<String> others = new HashSet<>();
        if (options.get(TYPE_KEYS.get(kind)) instanceof String type) {
            (kind == Kind.NODE ? nodes : others).add(type);
        }
        if (kind == Kind.NODE) {
            options.values().forEach(value -> nested(value, nodes));
        }
        if (!isComing(kind, others) && !isComing(Kind.NODE, nodes)) {
            return;
        }
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(longestMillis);
        Semaphore news = new Semaphore(0);
        AutoCloseable watch = drivers.watch(news::release);
        try (watch) {
            while (isComing(kind, others) || isComing(Kind.NODE, nodes)) {
                if (!news.tryAcquire(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                    return; // The manager says what it waits for.
                }
            }
        } catch (InterruptedException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** The drivers of nodes that are defined inside another. */
    private static void nested(Object value, Set<String> found) {
        if (value instanceof Map<?, ?> map) {
            if (map.get(TYPE_KEYS.get(Kind.NODE)) instanceof String driver) {
                found.add(driver);
            }
            map.values().forEach(inner -> nested(inner, found));
        } else if (value instanceof List<?> list) {
            list.forEach(inner -> nested(inner, found));
        }
    }

    /** Whether one of these types has a bundle that is there and no driver that serves. */
    private boolean isComing(Kind kind, Set<String> types) {
        if (types.isEmpty()) {
            return false;
        }
        Set<String> coming = new HashSet<>();
        Set<String> there = new HashSet<>();
        for (DriverEntry driver : drivers.list()) {
            if (driver.kind() == kind && types.contains(driver.type())) {
                (driver.state() == State.NOT_IN_SERVICE ? coming : there).add(driver.type());
                if (driver.state() == State.PLACEHOLDER) {
                    there.remove(driver.type());
                }
            }
        }
        coming.removeAll(there);
        return !coming.isEmpty();
    }
}
