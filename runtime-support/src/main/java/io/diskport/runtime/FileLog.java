package io.diskport.runtime;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.osgi.service.log.LogLevel;

/** Lines to a file that, when it is full, becomes {@code NAME.1} in place of the one before. */
final class FileLog implements LogSink {
    private static final long FULL = 10L << 20;

    private final Path file;
    private final Path previous;
    private final long full;
    private BufferedWriter writer;
    private long written;

    FileLog(Path file) throws IOException {
        this(file, FULL);
    }

    FileLog(Path file, long full) throws IOException {
        this.file = file;
        this.previous = file.resolveSibling(file.getFileName() + ".1");
        this.full = full;
        open();
    }

    @Override
    public void write(LogLevel level, String line) {
        try {
            if (written >= full) {
                writer.close();
                if (Files.exists(file)) {
                    Files.move(file, previous, StandardCopyOption.REPLACE_EXISTING);
                }
                open();
            }
            writer.write(line);
            writer.newLine();
            writer.flush();
            written += line.getBytes(StandardCharsets.UTF_8).length + 1;
        } catch (IOException e) {
            // A full disk must not end the daemon; the next line is tried again.
        }
    }

    @Override
    public void close() {
        try {
            writer.close();
        } catch (IOException e) {
            // As above.
        }
    }

    private void open() throws IOException {
        written = Files.exists(file) ? Files.size(file) : 0;
        writer =
                Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
