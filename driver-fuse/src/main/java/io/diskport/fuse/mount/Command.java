package io.diskport.fuse.mount;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a short program and keeps what it says; one that hangs is left to itself. */
final class Command {
    /**
     * How a program ended.
     *
     * @param finished false if it did not end in time, and was killed
     * @param status its exit status
     * @param output what it wrote, trimmed
     */
    record Result(boolean finished, int status, String output) {}

    private Command() {}

    static Result run(long seconds, List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("LC_ALL", "C");
        Process process = builder.start();
        try {
            process.getOutputStream().close();
            boolean finished = process.waitFor(seconds, TimeUnit.SECONDS);
            if (!finished) {
                // It may be in uninterruptible sleep, so nothing waits for its end.
                process.destroyForcibly();
                return new Result(false, -1, "");
            }
            byte[] output = process.getInputStream().readAllBytes();
            return new Result(
                    true, process.exitValue(), new String(output, StandardCharsets.UTF_8).strip());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
            return new Result(false, -1, "");
        }
    }
}
