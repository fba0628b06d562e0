package io.diskport.testkit;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aQute.bnd.osgi.Builder;
import aQute.bnd.osgi.Jar;
import io.diskport.api.ProvidesDriver;
import io.diskport.testkit.bad.BadNodeDriver;
import io.diskport.testkit.bad.BadNodeDriver.Bug;
import java.io.File;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Whether the tests find what they are there to find. */
class NodeDriverTestsBundleTest {
    @TempDir private Path folder;

    private NodeDriverTests tests;

    private interface Tested {
        void run(NodeDriverTests tests) throws Throwable;
    }

    private Executable with(Bug bug, Tested test) throws Exception {
        Path bundle = build();
        tests =
                new NodeDriverTests() {
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
                        return Map.of("bug", bug.name().toLowerCase().replace('_', '-'));
                    }
                };
        tests.folder = folder.resolve("runtime");
        return () -> {
            tests.startRuntime();
            try {
                test.run(tests);
            } finally {
                tests.stopRuntime();
            }
        };
    }

    private Path build() throws Exception {
        try (Builder builder = new Builder()) {
            for (Class<?> type : new Class<?>[] {BadNodeDriver.class, ProvidesDriver.class}) {
                builder.addClasspath(
                        new File(type.getProtectionDomain().getCodeSource().getLocation().toURI()));
            }
            builder.setProperty("Bundle-SymbolicName", "bad");
            builder.setProperty("Private-Package", BadNodeDriver.class.getPackageName());
            Jar jar = builder.build();
            assertTrue(builder.isOk(), () -> builder.getErrors().toString());
            Path file = folder.resolve("bad.jar");
            jar.write(file.toFile());
            return file;
        }
    }

    private void finds(Bug bug, Tested test) throws Exception {
        assertThrows(AssertionError.class, with(bug, test));
    }

    @Test
    void aGoodDriverPasses() throws Throwable {
        with(Bug.NONE, NodeDriverTests::whatIsWrittenIsReadAtAnyOffsetAndLength).execute();
        with(Bug.NONE, NodeDriverTests::updatesLeaveNothingBehind).execute();
    }

    @Test
    void lostWritesAreFound() throws Exception {
        finds(Bug.LOSES_WRITES, NodeDriverTests::whatIsWrittenIsReadAtAnyOffsetAndLength);
    }

    @Test
    void zeroesThatAreNoneAreFound() throws Exception {
        finds(Bug.LIES_OF_ZEROES, NodeDriverTests::whatIsWrittenIsReadAtAnyOffsetAndLength);
    }

    @Test
    void whatIsForgottenIsFound() throws Exception {
        finds(Bug.FORGETS, NodeDriverTests::whatWasFlushedIsThereWhenItIsMadeAgain);
    }

    @Test
    void threadsThatStayAreFound() throws Exception {
        finds(Bug.LEAVES_A_THREAD, NodeDriverTests::updatesLeaveNothingBehind);
    }
}
