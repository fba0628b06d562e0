package io.diskport.natives;

import java.util.Optional;

/** Whether native calls work on this host. */
public final class NativeRuntime {
    private NativeRuntime() {}

    /** Why native calls do not work here, in plain words; empty when they do. Never throws. */
    public static Optional<String> problem() {
        String system = System.getProperty("os.name");
        String processor = System.getProperty("os.arch");
        if (!"Linux".equals(system)
                || !("amd64".equals(processor) || "aarch64".equals(processor))) {
            return Optional.of(
                    "native calls are built for Linux on x86-64 and aarch64, this is "
                            + system
                            + " on "
                            + processor);
        }
        try {
            long pid = LibcHost.getpid();
            return pid > 0 ? Optional.empty() : Optional.of("libc does not answer getpid");
        } catch (LinkageError | RuntimeException e) {
            Throwable cause = e;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            return Optional.of(
                    "jffi's native library cannot be loaded (is "
                            + System.getProperty("java.io.tmpdir")
                            + " writable, and mounted without noexec?): "
                            + cause.getMessage());
        }
    }
}
