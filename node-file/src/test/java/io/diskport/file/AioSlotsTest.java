package io.diskport.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class AioSlotsTest {
    @Test
    void eachIsThereOnce() {
        AioSlots slots = new AioSlots(256);
        Set<Integer> taken = new HashSet<>();
        for (int i = 0; i < 256; i++) {
            int slot = slots.take();
            assertTrue(slot >= 0 && slot < 256 && taken.add(slot), "slot " + slot);
        }
        assertEquals(-1, slots.take());
        slots.give(17);
        assertEquals(17, slots.take());
        assertEquals(-1, slots.take());
    }

    @Test
    void nobodyGetsWhatAnotherHas() throws Exception {
        AioSlots slots = new AioSlots(5);
        AtomicIntegerArray owners = new AtomicIntegerArray(5);
        ExecutorService pool = Executors.newFixedThreadPool(4);
        List<Future<?>> all = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            all.add(
                    pool.submit(
                            () -> {
                                for (int i = 0; i < 300_000; i++) {
                                    int slot = slots.take();
                                    if (slot >= 0) {
                                        assertEquals(1, owners.incrementAndGet(slot));
                                        owners.decrementAndGet(slot);
                                        slots.give(slot);
                                    }
                                }
                            }));
        }
        for (Future<?> one : all) {
            one.get();
        }
        pool.shutdown();
        Set<Integer> left = new HashSet<>();
        for (int slot = slots.take(); slot >= 0; slot = slots.take()) {
            left.add(slot);
        }
        assertEquals(Set.of(0, 1, 2, 3, 4), left);
    }
}
