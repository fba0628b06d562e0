package io.diskport.it.clients;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Opens a file several times and keeps it open: what one handle writes, the next one reads, again
 * and again. Ends with the first error, which it prints.
 */
public final class HandleHolder {
    private static final int BLOCK = 4096;

    private HandleHolder() {}

    /** Arguments: the file, where in it, how many handles, and a file that ends it. */
    public static void main(String... arguments) {
        Path file = Path.of(arguments[0]);
        long offset = Long.parseLong(arguments[1]);
        int count = Integer.parseInt(arguments[2]);
        Path stop = Path.of(arguments[3]);
        List<FileChannel> handles = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                handles.add(
                        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE));
            }
            System.out.println("open");
            long round = 0;
            while (!Files.exists(stop)) {
                round++;
                for (int i = 0; i < count; i++) {
                    write(handles.get(i), offset + (long) i * BLOCK, round * count + i);
                }
                for (int i = 0; i < count; i++) {
                    long found = read(handles.get((i + 1) % count), offset + (long) i * BLOCK);
                    if (found != round * count + i) {
                        System.out.printf("lost: block %d has %d, round %d%n", i, found, round);
                        return;
                    }
                }
                handles.get((int) (round % count)).force(false);
            }
            System.out.println("kept, rounds " + round);
        } catch (IOException e) {
            System.out.println("error " + e.getMessage());
        }
    }

    private static void write(FileChannel file, long offset, long value) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(BLOCK);
        while (bytes.hasRemaining()) {
            bytes.putLong(value);
        }
        bytes.flip();
        while (bytes.hasRemaining()) {
            file.write(bytes, offset + bytes.position());
        }
    }

    /** What fills the block; -1 if that is not one value. */
    private static long read(FileChannel file, long offset) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(BLOCK);
        while (bytes.hasRemaining() && file.read(bytes, offset + bytes.position()) > 0) {
            continue;
        }
        bytes.flip();
        long value = bytes.getLong();
        while (bytes.hasRemaining()) {
            if (bytes.getLong() != value) {
                return -1;
            }
        }
        return value;
    }
}
