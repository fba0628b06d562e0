package io.diskport.testkit;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aQute.bnd.osgi.Builder;
import aQute.bnd.osgi.Jar;
import io.diskport.api.ProvidesDriver;
import io.diskport.testkit.bad.BadNodeDriver;
import io.diskport.testkit.bad.Wire;
import java.io.Closeable;
import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The bundle of drivers with bugs, and what the tests say of them. */
final class BadBundle {
    /** Bugs that show by something not coming are not waited for as long as good drivers are. */
    private static final String SECONDS = "2";

    private static final String PATIENCE = "diskport.testkit.patience";

    private BadBundle() {}

    /** One of the tests that drivers run. */
    interface Tested<T> {
        void run(T tests) throws Throwable;
    }

    /** An option's value that means a bug. */
    static String option(Enum<?> bug) {
        return bug.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }

    /** Writes the bundle into a folder. */
    static Path in(Path folder) throws Exception {
        try (Builder builder = new Builder()) {
            for (Class<?> type : new Class<?>[] {BadNodeDriver.class, ProvidesDriver.class}) {
                builder.addClasspath(
                        new File(type.getProtectionDomain().getCodeSource().getLocation().toURI()));
            }
            builder.setProperty("Bundle-SymbolicName", "bad");
            builder.setProperty("Bundle-Version", "1.0.0");
            builder.setProperty("Private-Package", BadNodeDriver.class.getPackageName());
            Jar jar = builder.build();
            assertTrue(builder.isOk(), () -> builder.getErrors().toString());
            Path file = folder.resolve("bad.jar");
            jar.write(file.toFile());
            return file;
        }
    }

    /** Runs a test as Jupiter does. */
    static <T extends DriverTests> void run(T tests, Path folder, Tested<T> test) throws Throwable {
        tests.folder = folder;
        tests.startRuntime();
        try {
            test.run(tests);
        } finally {
            tests.stopRuntime();
        }
    }

    /** Runs a test that has to fail, and to say what is wrong. */
    static <T extends DriverTests> void fails(T tests, Path folder, Tested<T> test, String said) {
        List<Object> kept = new CopyOnWriteArrayList<>();
        System.getProperties().put(Wire.KEPT, kept);
        try {
            Throwable error =
                    assertThrows(
                            Throwable.class,
                            () -> run(tests, folder, one -> impatiently(one, test)));
            assertTrue(
                    error.getMessage().contains(said),
                    () -> "it says '" + said + "'; what it says is: " + error.getMessage());
        } finally {
            System.getProperties().remove(Wire.KEPT);
            kept.forEach(BadBundle::clear);
        }
    }

    private static <T> void impatiently(T tests, Tested<T> test) throws Throwable {
        System.setProperty(PATIENCE, SECONDS);
        try {
            test.run(tests);
        } finally {
            System.clearProperty(PATIENCE);
        }
    }

    private static void clear(Object kept) {
        if (kept instanceof Closeable open) {
            assertDoesNotThrow(open::close);
        }
    }
}
