package io.diskport.testkit;

import io.diskport.testkit.bad.BadNodeDriver.Bug;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whether the tests of node drivers find what they are there to find. */
@Timeout(60)
class NodeDriverTestsBundleTest {
    @TempDir private static Path shared;

    private static Path bundle;

    @TempDir private Path folder;

    @BeforeAll
    static void build() throws Exception {
        bundle = BadBundle.in(shared);
    }

    private static class Bad extends NodeDriverTests {
        private final Bug bug;

        Bad(Bug bug) {
            this.bug = bug;
        }

        @Override
        protected String type() {
            return "bad";
        }

        @Override
        protected Path bundle() {
            return bundle;
        }

        @Override
        protected Map<String, Object> options(String name) {
            return Map.of("bug", BadBundle.option(bug));
        }

        @Override
        protected boolean persists() {
            return bug == Bug.FORGETS;
        }
    }

    @Nested
    class AGoodDriverPasses extends Bad {
        AGoodDriverPasses() {
            super(Bug.NONE);
        }
    }

    private void fails(Bug bug, BadBundle.Tested<NodeDriverTests> test, String said) {
        BadBundle.fails(new Bad(bug), folder, test, said);
    }

    @Test
    void lostWritesAreFound() {
        fails(Bug.LOSES_WRITES, NodeRequestTests::whatIsWrittenIsReadAtAnyOffsetAndLength, "at ");
    }

    @Test
    void zeroesThatAreNoneAreFound() {
        fails(
                Bug.LIES_OF_ZEROES,
                NodeRequestTests::whatIsWrittenIsReadAtAnyOffsetAndLength,
                "said to be zero");
    }

    @Test
    void whatIsForgottenIsFound() {
        fails(
                Bug.FORGETS,
                NodeRequestTests::whatWasFlushedIsThereWhenItIsMadeAgain,
                "what was flushed");
    }

    @Test
    void lengthThatDoesNotChangeIsFound() {
        fails(
                Bug.IGNORES_A_RESIZE,
                NodeRequestTests::isResizedOrSaysThatItCannotBe,
                "its user sees the length");
    }

    @Test
    void nodeThatIsBrokenByReopeningIsFound() {
        fails(
                Bug.BREAKS_WHEN_REOPENED,
                NodeDriverTests::requestsWaitWhileItIsReopened,
                "its users go on");
    }

    @Test
    void threadsThatStayAreFound() {
        fails(Bug.LEAVES_A_THREAD, NodeDriverTests::updatesLeaveNothingBehind, "threads end");
    }
}
