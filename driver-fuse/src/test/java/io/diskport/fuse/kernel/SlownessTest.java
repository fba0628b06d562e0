package io.diskport.fuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.fuse.kernel.MayWait.Kind;
import org.junit.jupiter.api.Test;

/** What is expected of requests after those before. */
class SlownessTest {
    private static final long FAST = 20_000;
    private static final long SLOW = 5_000_000;
    private final Slowness slowness = new Slowness();

    private void note(int times, Kind kind, long nanos, long bytes) {
        for (int i = 0; i < times; i++) {
            slowness.note(kind, nanos, bytes);
        }
    }

    @Test
    void theFirstRequestsAreExpectedToWait() {
        for (Kind kind : Kind.values()) {
            assertTrue(slowness.expects(kind), kind.name());
        }
        assertTrue(slowness.isAny());
    }

    @Test
    void fastOnesAreLearntForEachKindByItself() {
        note(8, Kind.READ, FAST, 4096);
        assertFalse(slowness.expects(Kind.READ));
        assertTrue(slowness.expects(Kind.WRITE));
        assertTrue(slowness.isAny());
        note(8, Kind.WRITE, FAST, 4096);
        assertFalse(slowness.expects(Kind.WRITE));
        assertFalse(slowness.isAny());
    }

    @Test
    void slowOnesAreLearntAgain() {
        note(1000, Kind.READ, FAST, 4096);
        note(8, Kind.READ, SLOW, 4096);
        assertFalse(slowness.expects(Kind.READ));
        note(1, Kind.READ, SLOW, 4096);
        assertTrue(slowness.expects(Kind.READ));
        note(1000, Kind.READ, SLOW, 4096);
        note(8, Kind.READ, FAST, 4096);
        assertFalse(slowness.expects(Kind.READ), "however long it was slow");
    }

    @Test
    void oneThatIsSlowAmongManyChangesNothing() {
        note(1000, Kind.WRITE, FAST, 4096);
        for (int i = 0; i < 1000; i++) {
            note(1, Kind.WRITE, SLOW, 4096);
            assertFalse(slowness.expects(Kind.WRITE));
            note(1, Kind.WRITE, FAST, 4096);
        }
    }

    @Test
    void copyingMuchIsNotWaiting() {
        note(16, Kind.WRITE, 500_000, 1 << 20);
        assertFalse(slowness.expects(Kind.WRITE));
        note(16, Kind.WRITE, 500_000, 4096);
        assertTrue(slowness.expects(Kind.WRITE));
    }

    @Test
    void otherRequestsAreAlwaysExpectedToWaitAndTeachNothing() {
        note(1000, Kind.READ, FAST, 0);
        note(1000, Kind.WRITE, FAST, 0);
        note(1000, Kind.OTHER, FAST, 0);
        assertTrue(slowness.expects(Kind.OTHER));
        note(1000, Kind.OTHER, SLOW, 0);
        assertFalse(slowness.isAny());
    }

    @Test
    void aWrongGuessIsTakenBackAtOnce() {
        note(1000, Kind.READ, FAST, 0);
        note(1000, Kind.WRITE, FAST, 0);
        slowness.wasWrong();
        assertTrue(slowness.expects(Kind.READ));
        assertTrue(slowness.expects(Kind.WRITE));
        assertEquals(true, slowness.isAny());
    }
}
