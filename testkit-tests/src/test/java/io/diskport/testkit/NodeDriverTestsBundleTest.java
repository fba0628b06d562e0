package io.diskport.testkit;

import io.diskport.testkit.bad.BadNodeDriver.Bug;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.Arguments;

/** Whether the tests of node drivers find what they are there to find. */
class NodeDriverTestsBundleTest extends PlantedBugs<Bug, NodeDriverTests> {
    @Override
    NodeDriverTests of(Bug bug) {
        return new Bad(bug);
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
            return PlantedBugs.bundle();
        }

        @Override
        protected Map<String, Object> options(String name) {
            return Map.of("bug", BadBundle.option(bug));
        }

        @Override
        protected boolean persists() {
            return bug == Bug.FORGETS;
        }

        @Override
        protected byte[] content(long offset, int length) {
            return new byte[length];
        }
    }

    @Nested
    class AGoodDriverPasses extends Bad {
        AGoodDriverPasses() {
            super(Bug.NONE);
        }
    }

    static Stream<Arguments> bugs() {
        return Stream.of(
                bug(Bug.IS_SHORT, NodeDriverTests::saysHowLongItIs, "at least 1 MiB"),
                bug(
                        Bug.READS_AS_SOMETHING_ELSE,
                        NodeRequestTests::readsAsItIsSaidTo,
                        "array contents differ"),
                bug(
                        Bug.LOSES_WRITES,
                        NodeRequestTests::whatIsWrittenIsReadAtAnyOffsetAndLength,
                        "at "),
                bug(
                        Bug.LIES_OF_ZEROES,
                        NodeRequestTests::whatIsWrittenIsReadAtAnyOffsetAndLength,
                        "said to be zero"),
                bug(
                        Bug.MIXES_REQUESTS,
                        NodeRequestTests::requestsThatRunAtOnceDoNotMix,
                        "array contents differ"),
                bug(Bug.IS_SHORTER_THAN_IT_SAYS, NodeRequestTests::nothingLiesBeyondTheEnd, "node"),
                bug(Bug.DISCARDS_TOO_MUCH, NodeRequestTests::discardsAreAdvice, "behind it"),
                bug(
                        Bug.FORGETS,
                        NodeRequestTests::whatWasFlushedIsThereWhenItIsMadeAgain,
                        "what was flushed"),
                bug(
                        Bug.IGNORES_A_RESIZE,
                        NodeRequestTests::isResizedOrSaysThatItCannotBe,
                        "its user sees the length"),
                bug(Bug.FAILS_UNDER_LOAD, NodeDriverTests::isClosedUnderLoad, "its users go on"),
                bug(
                        Bug.BREAKS_WHEN_REOPENED,
                        NodeDriverTests::requestsWaitWhileItIsReopened,
                        "its users go on"),
                bug(
                        Bug.DOES_NOT_COME_BACK,
                        NodeDriverTests::usersWaitWhileItsDriverIsGone,
                        "is running"),
                bug(
                        Bug.LEAVES_A_THREAD,
                        NodeDriverTests::updatesLeaveNothingBehind,
                        "threads end"));
    }

    @Test
    void everyBugIsLookedFor() {
        assertLookedFor(Bug.values(), bugs());
    }
}
