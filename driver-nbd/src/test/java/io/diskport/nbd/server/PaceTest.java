package io.diskport.nbd.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PaceTest {
    private final Pace pace = new Pace();

    @Test
    void aClientWithOneRequestUnderWayNeverWaits() {
        for (int i = 0; i < 10_000; i++) {
            assertEquals(0, pace.after(1));
        }
    }

    /** The first probe finds so many. */
    private long seen(int depth) {
        long probe = pace.after(2);
        assertTrue(probe >= 100_000, "a probe: " + probe);
        return pace.after(depth);
    }

    @Test
    void aShallowClientIsNotLeftAlone() {
        assertEquals(0, seen(4));
        assertEquals(0, pace.after(1));
        assertEquals(0, pace.after(4));
    }

    @Test
    void aDeepClientIsLeftAloneForLongerWhileItDoesNotRunOutOfWork() {
        long first = seen(32);
        assertTrue(first > 0, "left alone");
        long last = first;
        for (int i = 0; i < 50; i++) {
            long rest = pace.after(1 + i % 12);
            // One of them may be a probe.
            last = Math.max(last, Math.min(rest, 250_000));
        }
        assertTrue(last >= 4 * first, first + " grew to " + last);
    }

    @Test
    void aClientThatRunsOutOfWorkIsLeftAloneForShorterAndThenNotAtAll() {
        seen(32);
        for (int i = 0; i < 40; i++) {
            pace.after(8);
        }
        int none = 0;
        for (int i = 0; i < 100; i++) {
            none += pace.after(32) == 0 ? 1 : 0;
        }
        assertTrue(none > 50, none + " of 100");
    }
}
