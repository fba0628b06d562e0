package io.diskport.testkit;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Bugs that tests of drivers have to find. A class of these has a static method {@code bugs}, with
 * the test for each and what it says.
 *
 * @param <B> what can be wrong
 * @param <T> the tests
 */
@Timeout(60)
abstract class PlantedBugs<B extends Enum<B>, T extends DriverTests> {
    @TempDir private static Path shared;

    private static Path bundle;

    @TempDir private Path folder;

    @BeforeAll
    static void build() throws Exception {
        bundle = BadBundle.in(shared);
    }

    /** The bundle of drivers with bugs. */
    static Path bundle() {
        return bundle;
    }

    /** The tests of a driver that has the bug. */
    abstract T of(B bug);

    @ParameterizedTest(name = "{0}: {2}")
    @MethodSource("bugs")
    final void aBugIsFound(B bug, BadBundle.Tested<T> test, String said) {
        BadBundle.fails(of(bug), folder, test, said);
    }

    /** All but the first, which is none. */
    static void assertLookedFor(Enum<?>[] all, Stream<Arguments> bugs) {
        List<Object> lookedFor = bugs.map(bug -> bug.get()[0]).toList();
        for (Enum<?> bug : all) {
            assertTrue(bug.ordinal() == 0 || lookedFor.contains(bug), bug + " is not looked for");
        }
    }

    static <T> Arguments bug(Enum<?> bug, BadBundle.Tested<T> test, String said) {
        return arguments(bug, test, said);
    }
}
