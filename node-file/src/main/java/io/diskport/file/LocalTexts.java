package io.diskport.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** The system's texts for errors, which it gives in the language it was started in. */
final class LocalTexts {
    /** A disk without space, on every Linux. */
    private static final Path FULL = Path.of("/dev/full");

    private static final Optional<String> NO_SPACE = noSpace(FULL);

    private LocalTexts() {}

    /** What is said when there is no space left, if that can be found out. */
    static Optional<String> noSpace() {
        return NO_SPACE;
    }

    /** What is said when a device is written that is always full. */
    static Optional<String> noSpace(Path device) {
        if (Files.isRegularFile(device)) {
            return Optional.empty();
        }
        try (FileChannel channel = FileChannel.open(device, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(1));
            return Optional.empty();
        } catch (IOException e) {
            // one with a file in it is of opening, not of writing
            boolean ofWriting = e.getClass() == IOException.class;
            return ofWriting ? Optional.ofNullable(e.getMessage()) : Optional.empty();
        }
    }
}
