package io.diskport.fuse.testing;

import static org.junit.jupiter.api.Assertions.fail;

import io.diskport.fuse.engine.LibfuseLibrary;
import io.diskport.natives.LibcHost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** What tests need of the machine, and how they use it without hanging on their own mounts. */
public final class Host {
    /** How a program ended. */
    public record Result(int status, String output) {}

    private Host() {}

    /** Skips the test, saying why, where no FUSE file system can be mounted as root. */
    public static void requireMounts() {
        require(LibcHost.geteuid() == 0, "mounting needs root");
        require(Files.exists(Path.of("/dev/fuse")), "there is no /dev/fuse");
        require(LibfuseLibrary.problem().isEmpty(), "libfuse 2 is not installed");
    }

    /** Skips the test unless the condition holds, or fails it where everything has to run. */
    public static void require(boolean condition, String reason) {
        if (!condition && "true".equals(System.getenv("DISKPORT_REQUIRE_ALL"))) {
            fail("required: " + reason);
        }
        Assumptions.assumeTrue(condition, reason);
    }

    /** Runs a shell command in a process of its own; killed after 20 s. */
    public static Result sh(String command) throws IOException, InterruptedException {
        return finish(start(command));
    }

    /** Starts a shell command in a process of its own. */
    public static Process start(String command) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(List.of("timeout", "-s", "KILL", "20", "sh", "-c", command));
        builder.environment().put("LC_ALL", "C");
        return builder.redirectErrorStream(true).start();
    }

    /** What a process said, and its status. */
    public static Result finish(Process process) throws IOException, InterruptedException {
        String output = new String(process.getInputStream().readAllBytes()).strip();
        if (!process.waitFor(25, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            fail("hangs: " + process.info().commandLine().orElse("?"));
        }
        return new Result(process.exitValue(), output);
    }

    /** Waits for something to become true. */
    public static void await(String what, Duration atMost, Callable<Boolean> condition)
            throws Exception {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() > deadline) {
                fail("not within " + atMost + ": " + what);
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }
}
