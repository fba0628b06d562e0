package io.diskport.testkit;

import io.diskport.testkit.bad.BadObjectDriver.Bug;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.Arguments;

/** Whether the tests of object drivers find what they are there to find. */
class ObjectDriverTestsBundleTest extends PlantedBugs<Bug, ObjectDriverTests> {
    @Override
    ObjectDriverTests of(Bug bug) {
        return new Bad(bug);
    }

    private static class Bad extends ObjectDriverTests {
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
        protected Map<String, Object> options(String id) {
            return Map.of("number", 7, "bug", BadBundle.option(bug));
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
                bug(
                        Bug.THERE_IS_ONE_ONLY,
                        ObjectDriverTests::thereMayBeSeveral,
                        "what can be made is refused"),
                bug(
                        Bug.STAYS_AFTER_ITS_END,
                        LifeAndOptionTests::isMadeAgainAndAgainAndLeavesNothing,
                        "what can be made is refused"),
                bug(
                        Bug.FAILS_BESIDE_ANOTHER,
                        LifeAndOptionTests::severalAreMadeAndEndAtOnce,
                        "beside others that are made"),
                bug(
                        Bug.LEAVES_A_THREAD,
                        LifeAndOptionTests::isMadeAgainAndAgainAndLeavesNothing,
                        "threads end"),
                bug(
                        Bug.DOES_NOT_COME_BACK,
                        ObjectDriverTests::waitsWhileItsDriverIsGone,
                        "is running"),
                bug(
                        Bug.LEAVES_A_DESCRIPTOR,
                        ObjectDriverTests::updatesLeaveNothingBehind,
                        "descriptors are closed"),
                bug(
                        Bug.LEAVES_A_CLASS,
                        ObjectDriverTests::updatesLeaveNothingBehind,
                        "class loaders of earlier versions go"),
                bug(
                        Bug.BREAKS_AT_A_BOUNDARY,
                        LifeAndOptionTests::valuesAtTheEdgeAreTakenOrRefusedByName,
                        "the message names 'number'"));
    }

    @Test
    void everyBugIsLookedFor() {
        assertLookedFor(Bug.values(), bugs());
    }
}
