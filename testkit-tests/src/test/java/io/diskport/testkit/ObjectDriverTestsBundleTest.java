package io.diskport.testkit;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.diskport.testkit.bad.BadObjectDriver.Bug;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whether the tests of object drivers find what they are there to find. */
@Timeout(60)
class ObjectDriverTestsBundleTest {
    @TempDir private static Path shared;

    private static Path bundle;

    @TempDir private Path folder;

    @BeforeAll
    static void build() throws Exception {
        bundle = BadBundle.in(shared);
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
            return bundle;
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

    private static Arguments bug(Bug bug, BadBundle.Tested<ObjectDriverTests> test, String said) {
        return arguments(bug, test, said);
    }

    @ParameterizedTest(name = "{0}: {2}")
    @MethodSource
    void bugs(Bug bug, BadBundle.Tested<ObjectDriverTests> test, String said) {
        BadBundle.fails(new Bad(bug), folder, test, said);
    }

    @Test
    void everyBugIsLookedFor() {
        List<Object> lookedFor = bugs().map(bug -> bug.get()[0]).toList();
        for (Bug bug : Bug.values()) {
            assertTrue(bug == Bug.NONE || lookedFor.contains(bug), bug + " is not looked for");
        }
    }
}
