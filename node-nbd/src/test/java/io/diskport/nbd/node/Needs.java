package io.diskport.nbd.node;

import static org.junit.jupiter.api.Assertions.fail;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/** What some tests need of the host: without it they are skipped, or fail where all has to run. */
final class Needs {
    private static final Map<String, String> PACKAGES = Map.of("qemu-nbd", "qemu-utils");

    private Needs() {}

    static void that(boolean present, String what) {
        if (!present) {
            String message = "needs " + what;
            if ("true".equals(System.getenv("DISKPORT_REQUIRE_ALL"))) {
                fail(message + ", and DISKPORT_REQUIRE_ALL is set");
            }
            Assumptions.abort(message);
        }
    }

    /** The path of a program. */
    static String tool(String name) {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("") + ":/usr/sbin:/sbin";
        Optional<Path> found =
                Arrays.stream(path.split(":"))
                        .map(folder -> Path.of(folder, name))
                        .filter(Files::isExecutable)
                        .findFirst();
        String debian = PACKAGES.getOrDefault(name, name);
        that(found.isPresent(), name + " (Debian: apt-get install " + debian + ")");
        return found.orElseThrow().toString();
    }
}
