package io.diskport.tls.psk;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * What tests need of their host. Where it is missing the test is skipped with the reason; in an
 * environment with DISKPORT_REQUIRE_ALL=true it fails instead.
 */
final class Require {
    private Require() {}

    /** Needs a program. */
    static void tool(String name, String debianPackage) {
        boolean there =
                Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, name)));
        String missing = "needs " + name + " (Debian: apt-get install " + debianPackage + ")";
        if (!there && "true".equals(System.getenv("DISKPORT_REQUIRE_ALL"))) {
            Assertions.fail("DISKPORT_REQUIRE_ALL=true: " + missing);
        }
        Assumptions.assumeTrue(there, missing);
    }
}
