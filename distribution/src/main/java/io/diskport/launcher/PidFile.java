package io.diskport.launcher;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The file with the id of this process, locked for as long as it is there. */
final class PidFile implements AutoCloseable {
    private final Path file;
    private final FileChannel channel;

    private PidFile(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * Writes it.
     *
     * @throws StartException if it cannot be written, or another daemon has it
     */
    static PidFile write(Path file) throws StartException {
        try {
            FileChannel channel =
                    FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            if (lock == null) {
                channel.close();
                throw new StartException(
                        "cannot create PID file: Cannot lock '"
                                + file
                                + "': a daemon that runs already has it");
            }
            channel.truncate(0);
            channel.write(
                    ByteBuffer.wrap(
                            (ProcessHandle.current().pid() + "\n")
                                    .getBytes(StandardCharsets.US_ASCII)));
            return new PidFile(file, channel);
        } catch (IOException e) {
            throw new StartException(
                    "cannot create PID file: Could not create '" + file + "': " + Folders.reason(e),
                    e);
        }
    }

    @Override
    public void close() {
        try (channel) {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LogLine.print("WARN", "launcher", "cannot remove " + file + ": " + Folders.reason(e));
        }
    }
}
