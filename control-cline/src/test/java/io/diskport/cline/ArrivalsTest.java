package io.diskport.cline;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.manage.DriverEntry.State;
import io.diskport.api.manage.Kind;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 30, unit = TimeUnit.SECONDS)
class ArrivalsTest {
    private static final long LONG_MILLIS = 25_000;

    private final Fakes fakes = new Fakes();

    @Test
    void whatServesIsNotWaitedFor() throws Exception {
        fakes.driver(Kind.NODE, "file", State.NOT_IN_SERVICE, "of another bundle");
        fakes.driver(Kind.NODE, "file", State.SERVING, "");
        arrivals(LONG_MILLIS).await(Kind.NODE, Map.of("driver", "file"));
        assertTrue(fakes.listeners.isEmpty());
    }

    @Test
    void whatNobodyHasIsNotWaitedFor() throws Exception {
        arrivals(LONG_MILLIS).await(Kind.EXPORT, Map.of("type", "tape"));
        assertTrue(fakes.listeners.isEmpty());
    }

    @Test
    void waitingIsBounded() throws Exception {
        fakes.driver(Kind.EXPORT, "fuse", State.NOT_IN_SERVICE, "no library");
        arrivals(10).await(Kind.EXPORT, Map.of("type", "fuse"));
        assertFalse(fakes.listeners.isEmpty());
    }

    @Test
    void itEndsWhenTheDriverServes() throws Exception {
        fakes.driver(Kind.NODE, "file", State.NOT_IN_SERVICE, "not satisfied");
        fakes.driver(Kind.NODE, "raw", State.SERVING, "");
        CountDownLatch done = new CountDownLatch(1);
        Thread waiting =
                new Thread(
                        () -> {
                            try {
                                arrivals(LONG_MILLIS)
                                        .await(
                                                Kind.NODE,
                                                Map.of(
                                                        "driver",
                                                        "raw",
                                                        "file",
                                                        Map.of("driver", "file")));
                                done.countDown();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        });
        waiting.start();
        while (waiting.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        fakes.drivers.clear();
        fakes.driver(Kind.NODE, "file", State.SERVING, "");
        fakes.listeners.forEach(Runnable::run);
        assertTrue(done.await(20, TimeUnit.SECONDS));
    }

    private Arrivals arrivals(long millis) {
        return new Arrivals(fakes.driverManager(), millis);
    }
}
