package io.diskport.fuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.fuse.testing.Host;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Help comes where trouble lasts, and only there. */
@Timeout(60)
class SupervisorTest {
    private static final String NAME = "test-supervisor";
    private static final Duration SOON = Duration.ofSeconds(10);

    private final AtomicBoolean trouble = new AtomicBoolean();
    private final AtomicInteger helps = new AtomicInteger();
    private Supervisor supervisor = new Supervisor(NAME, trouble::get, this::help);

    private void help() {
        helps.incrementAndGet();
        trouble.set(false);
    }

    @AfterEach
    void stop() throws Exception {
        supervisor.stop();
        Host.await("its thread ends", SOON, () -> thread().isEmpty());
    }

    private static Optional<Thread> thread() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(NAME))
                .findAny();
    }

    private static void awaitSleep() throws Exception {
        Host.await(
                "it sleeps without an alarm",
                SOON,
                () -> thread().filter(t -> t.getState() == Thread.State.WAITING).isPresent());
    }

    @Test
    void helpComesWhenTroubleLasts() throws Exception {
        supervisor.start();
        for (int i = 1; i <= 50; i++) {
            int expected = i;
            trouble.set(true);
            supervisor.look();
            Host.await("help " + i, SOON, () -> helps.get() == expected);
        }
        awaitSleep();
        assertEquals(50, helps.get(), "once for each");
    }

    @Test
    void helpComesAgainUntilTheTroubleIsOver() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        supervisor = new Supervisor(NAME, () -> calls.get() < 5, calls::incrementAndGet);
        supervisor.start();
        supervisor.look();
        Host.await("help", SOON, () -> calls.get() == 5);
        awaitSleep();
        assertEquals(5, calls.get());
    }

    @Test
    void troubleThatPassesGetsNoHelp() throws Exception {
        AtomicInteger looks = new AtomicInteger();
        // There at every other look: never for a whole turn.
        supervisor = new Supervisor(NAME, () -> looks.incrementAndGet() % 2 == 1, this::help);
        supervisor.start();
        supervisor.look();
        Host.await("it looks", SOON, () -> looks.get() > 40);
        assertEquals(0, helps.get());
    }

    @Test
    void withoutTroubleItSleeps() throws Exception {
        supervisor.start();
        awaitSleep();
        supervisor.look();
        awaitSleep();
        assertEquals(0, helps.get());
    }

    @Test
    void aLookIsNeverLost() throws Exception {
        supervisor.start();
        for (int i = 1; i <= 300; i++) {
            int expected = i;
            // At any moment of falling asleep.
            for (int spin = 0; spin < i * 40; spin++) {
                Thread.onSpinWait();
            }
            supervisor.look();
            trouble.set(true);
            supervisor.look();
            Host.await("help " + i, SOON, () -> helps.get() == expected);
        }
    }

    @Test
    void itStopsAndStartsAgain() throws Exception {
        supervisor.start();
        supervisor.start();
        awaitSleep();
        supervisor.stop();
        Host.await("its thread ends", SOON, () -> thread().isEmpty());
        trouble.set(true);
        supervisor.look();
        supervisor.stop();
        assertEquals(0, helps.get());
        supervisor.start();
        Host.await("help for what it was told meanwhile", SOON, () -> helps.get() == 1);
        assertTrue(thread().isPresent());
    }
}
