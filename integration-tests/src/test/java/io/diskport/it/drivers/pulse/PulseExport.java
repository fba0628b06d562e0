package io.diskport.it.drivers.pulse;

import io.diskport.api.export.BlockExport;
import io.diskport.api.export.Client;
import io.diskport.api.export.ShutdownMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.locks.LockSupport;

/** Reads, and keeps the record of it. */
final class PulseExport implements BlockExport {
    private static final long STEP_NANOS = 20_000_000;

    private final Client client;
    private final Path file;
    private volatile boolean ending;

    PulseExport(Client client, Path file) {
        this.client = client;
        this.file = file;
        Thread thread = new Thread(this::beat, "pulse");
        thread.setDaemon(true);
        thread.start();
    }

    private void beat() {
        long last = System.nanoTime();
        long longest = 0;
        try (client) {
            for (long count = 1; !ending; count++) {
                client.backend().read(0, ByteBuffer.allocate(512));
                longest = Math.max(longest, System.nanoTime() - last);
                last = System.nanoTime();
                Path half = file.resolveSibling(file.getFileName() + ".half");
                Files.writeString(half, count + " " + longest / 1_000_000);
                Files.move(half, file, StandardCopyOption.ATOMIC_MOVE);
                LockSupport.parkNanos(STEP_NANOS);
            }
        } catch (IOException e) {
            // The record ends here.
        }
    }

    @Override
    public void requestShutdown(ShutdownMode mode) {
        ending = true;
    }

    @Override
    public void delete() {
        ending = true;
    }
}
