package io.diskport.it.clients;

import com.sun.nio.file.ExtendedOpenOption;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * Reads one block after the other past the page cache, and prints each read that took long: when it
 * began, by the wall clock in milliseconds, and how many milliseconds it took. Ends with the first
 * error, which it prints.
 */
public final class GapReader {
    private static final int BLOCK = 4096;
    private static final long LONG_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private GapReader() {}

    /** Arguments: the file, which offset, how many blocks, and a file that ends it. */
    public static void main(String... arguments) {
        long offset = Long.parseLong(arguments[1]);
        int blocks = Integer.parseInt(arguments[2]);
        Path stop = Path.of(arguments[3]);
        ByteBuffer bytes = ByteBuffer.allocateDirect(2 * BLOCK).alignedSlice(BLOCK);
        try (FileChannel file =
                FileChannel.open(
                        Path.of(arguments[0]),
                        StandardOpenOption.READ,
                        ExtendedOpenOption.DIRECT)) {
            System.out.println("open");
            long reads = 0;
            while (!Files.exists(stop)) {
                long begun = System.nanoTime();
                long at = Instant.now().toEpochMilli();
                int count = file.read(bytes.clear().limit(BLOCK), offset + reads % blocks * BLOCK);
                long took = System.nanoTime() - begun;
                if (count != BLOCK) {
                    System.out.println("error " + count + " bytes");
                    return;
                }
                reads++;
                if (took > LONG_NANOS) {
                    System.out.printf("gap %d %d%n", at, TimeUnit.NANOSECONDS.toMillis(took));
                }
            }
            System.out.println("kept, reads " + reads);
        } catch (IOException e) {
            System.out.println("error " + e.getMessage());
        }
    }
}
