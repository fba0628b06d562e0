package io.diskport.it.clients;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Writes through a shared mapping, synchronizes it, and looks in the image beneath whether it is
 * there, again and again. Ends with the first error, which it prints.
 */
public final class MapWriter {
    private static final int PAGE = 4096;
    private static final int PAGES = 64;

    private MapWriter() {}

    /** Arguments: the export, the image beneath, where in them, and a file that ends it. */
    public static void main(String... arguments) {
        long offset = Long.parseLong(arguments[2]);
        Path stop = Path.of(arguments[3]);
        try (FileChannel export =
                        FileChannel.open(
                                Path.of(arguments[0]),
                                StandardOpenOption.READ,
                                StandardOpenOption.WRITE);
                FileChannel image =
                        FileChannel.open(Path.of(arguments[1]), StandardOpenOption.READ)) {
            MappedByteBuffer map = export.map(FileChannel.MapMode.READ_WRITE, offset, PAGES * PAGE);
            System.out.println("open");
            long round = 0;
            while (!Files.exists(stop)) {
                round++;
                for (int page = 0; page < PAGES; page++) {
                    map.putLong(page * PAGE, round);
                }
                map.force();
                for (int page = 0; page < PAGES; page++) {
                    ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES);
                    image.read(bytes, offset + (long) page * PAGE);
                    if (bytes.getLong(0) != round || map.getLong(page * PAGE) != round) {
                        System.out.printf(
                                "lost: page %d has %d, round %d%n", page, bytes.getLong(0), round);
                        return;
                    }
                }
            }
            System.out.println("kept, rounds " + round);
        } catch (IOException | InternalError e) {
            // A page that cannot be had is an InternalError, where others get SIGBUS.
            System.out.println("error " + e.getMessage());
        }
    }
}
