package io.diskport.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.diskport.natives.LibcHost;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** What some tests need of the host: without it they are skipped, or fail where all has to run. */
final class Needs {
    private Needs() {}

    static void that(boolean present, String what) {
        if (!present) {
            String message = "needs " + what;
            boolean required =
                    "true".equals(System.getenv("DISKPORT_REQUIRE_ALL"))
                            || Boolean.getBoolean("DISKPORT_REQUIRE_ALL");
            if (required) {
                fail(message + ", and DISKPORT_REQUIRE_ALL is set");
            }
            Assumptions.abort(message);
        }
    }

    static void root() {
        that(LibcHost.geteuid() == 0, "root");
    }

    static void tool(String name) {
        String path = System.getenv("PATH") + ":/usr/sbin:/sbin";
        that(
                Arrays.stream(path.split(":"))
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, name))),
                "the program " + name);
    }

    /** What a program printed, both streams, and how it ended. */
    record Result(int status, String output) {}

    static Result run(String... command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().merge("PATH", ":/usr/sbin:/sbin", String::concat);
        builder.environment().put("LC_ALL", "C");
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            fail(String.join(" ", command) + " does not end");
        }
        return new Result(process.exitValue(), output);
    }

    static String succeed(String... command) throws IOException, InterruptedException {
        Result result = run(command);
        assertEquals(0, result.status(), () -> String.join(" ", command) + ": " + result.output());
        return result.output();
    }
}
