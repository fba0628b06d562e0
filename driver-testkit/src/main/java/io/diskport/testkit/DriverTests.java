package io.diskport.testkit;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.diskport.api.BlockException;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What the tests of all kinds of drivers have in common: a framework with the driver's bundle. */
@Timeout(180)
abstract class DriverTests {
    /**
     * How often the driver is replaced before somebody looks what earlier versions hold; the system
     * property diskport.testkit.updates makes it fewer, for those in a hurry, but not below what it
     * takes to tell one that stays each time from the few that come and go.
     */
    static final int UPDATES = Math.max(6, Integer.getInteger("diskport.testkit.updates", 20));

    /** A folder of this test's own. */
    @TempDir protected Path folder;

    private TestRuntime runtime;

    /** The type or kind that the driver serves, for instance {@code http}. */
    protected abstract String type();

    /** The driver's jar; by default the only one in target/ that is a bundle. */
    protected Path bundle() throws IOException {
        try (Stream<Path> jars = Files.list(Path.of("target"))) {
            return jars.filter(jar -> jar.toString().endsWith(".jar"))
                    .filter(jar -> ClassPathBundles.header(jar, "Bundle-SymbolicName") != null)
                    .max(Comparator.comparing(Path::toString))
                    .orElseThrow(
                            () ->
                                    new IllegalStateException(
                                            "There is no bundle in target/; run these tests in the"
                                                    + " integration-test phase"));
        }
    }

    /** Symbolic names of bundles on the class path that the driver needs beside the API. */
    protected List<String> needs() {
        return List.of();
    }

    /** Why the driver cannot be tested here (a library is missing); empty if it can. */
    protected Optional<String> obstacle() {
        return Optional.empty();
    }

    /** Makes what the driver's options refer to, once the framework runs. */
    protected void prepare(TestRuntime started) throws Exception {}

    /** The framework. */
    protected final TestRuntime runtime() {
        return runtime;
    }

    @BeforeEach
    final void startRuntime() throws Exception {
        obstacle().ifPresent(why -> org.junit.jupiter.api.Assumptions.abort(why));
        runtime = TestRuntime.start(folder, bundle(), needs());
        runtime.awaitServing(type());
        prepare(runtime);
    }

    @AfterEach
    final void stopRuntime() throws Exception {
        if (runtime != null) {
            runtime.close();
        }
    }

    /** The options with some replaced or, where the value is null, left out. */
    static Map<String, Object> with(Map<String, ?> options, String name, Object value) {
        Map<String, Object> changed = new HashMap<>(options);
        if (value == null) {
            changed.remove(name);
        } else {
            changed.put(name, value);
        }
        return changed;
    }

    /** A refusal is a BlockException whose one line names what is wrong. */
    static void assertRefused(String named, Executable action) {
        try {
            action.execute();
        } catch (BlockException e) {
            String message = e.getMessage();
            assertTrue(
                    message.toLowerCase(Locale.ROOT).contains(named.toLowerCase(Locale.ROOT)),
                    () -> "the message names '" + named + "'; it says: " + message);
            assertTrue(message.lines().count() == 1, () -> "one line; it says: " + message);
            return;
        } catch (Throwable e) {
            throw new AssertionError("refused with a BlockException, not with " + e, e);
        }
        throw new AssertionError("something wrong with '" + named + "' was not refused");
    }

    /** Replacing is for drivers that come and go; core itself changes with the daemon. */
    final void assumeReplaceable() {
        assumeFalse(runtime.isCore(), "export-core is replaced by a restart only");
    }

    /**
     * Replaces the driver again and again, by itself, by its next version and by the one before,
     * and sees to it that nothing of it stays.
     */
    final void assertUpdatesLeaveNothing(Executable afterEach) throws Throwable {
        List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
        Held held = null;
        for (int number = 0; number < UPDATES; number++) {
            loaders.add(new WeakReference<>(runtime.driverLoader()));
            replace(number);
            afterEach.execute();
            if (number == 1) {
                held = new Held();
            }
        }
        held.assertNotMore(loaders);
    }

    /** Replaces the driver twice by one version, and then twice by the other. */
    final void replace(int number) throws Exception {
        boolean next = number % 4 >= 2;
        runtime.update(next ? NextVersion.of(bundle(), folder) : bundle());
    }
}
