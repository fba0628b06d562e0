package io.diskport.core.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class GateTest {
    private static final long LONG = TimeUnit.SECONDS.toNanos(10);

    private final Gate gate = new Gate();

    @Test
    void aDrainWaitsForWhatIsInFlightAndParksWhatComes() throws Exception {
        gate.enter();
        gate.drain();
        assertFalse(gate.awaitEmpty(1_000_000), "one is still in flight");
        assertFalse(gate.tryEnter());
        CompletableFuture<Void> parked = CompletableFuture.runAsync(this::enter);
        gate.leave();
        assertTrue(gate.awaitEmpty(LONG));
        assertFalse(parked.isDone());
        gate.resume();
        parked.get(10, TimeUnit.SECONDS);
        assertEquals(1, gate.inFlight());
    }

    @Test
    void anEndFailsWhatIsParked() throws Exception {
        gate.drain();
        CompletableFuture<Void> parked = CompletableFuture.runAsync(this::enter);
        gate.shut("it has ended");
        assertThrows(Exception.class, () -> parked.get(10, TimeUnit.SECONDS));
        BlockIOException refused = assertThrows(BlockIOException.class, gate::enter);
        assertEquals(Errno.ESHUTDOWN, refused.errno());
        assertEquals("it has ended", refused.getMessage());
    }

    @Test
    void nobodyIsInsideWhileItIsDrained() throws Exception {
        AtomicBoolean drained = new AtomicBoolean();
        AtomicBoolean stop = new AtomicBoolean();
        AtomicLong passages = new AtomicLong();
        CompletableFuture<?>[] users = new CompletableFuture<?>[3];
        for (int i = 0; i < users.length; i++) {
            users[i] =
                    CompletableFuture.runAsync(
                            () -> {
                                while (!stop.get()) {
                                    enter();
                                    assertFalse(drained.get());
                                    passages.incrementAndGet();
                                    gate.leave();
                                }
                            });
        }
        for (int i = 0; i < 200; i++) {
            gate.drain();
            assertTrue(gate.awaitEmpty(LONG));
            drained.set(true);
            Thread.onSpinWait();
            drained.set(false);
            long before = passages.get();
            gate.resume();
            while (passages.get() == before) {
                Thread.onSpinWait();
            }
        }
        stop.set(true);
        CompletableFuture.allOf(users).get(10, TimeUnit.SECONDS);
    }

    private void enter() {
        try {
            gate.enter();
        } catch (BlockIOException e) {
            throw new IllegalStateException(e);
        }
    }
}
