package io.diskport.it.clients;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;

/**
 * Writes records one after the other, each with fsync behind it, and prints the number of each that
 * was acknowledged. Ends with the first error, which it prints.
 */
public final class RecordWriter {
    public static final int LENGTH = 4096;

    private RecordWriter() {}

    /** Arguments: the file, and the most records to write. */
    public static void main(String... arguments) {
        int count = Integer.parseInt(arguments[1]);
        try (FileChannel file = FileChannel.open(Path.of(arguments[0]), StandardOpenOption.WRITE)) {
            for (int number = 0; number < count; number++) {
                ByteBuffer record = record(number);
                while (record.hasRemaining()) {
                    file.write(record, (long) number * LENGTH + record.position());
                }
                file.force(false);
                System.out.println("acknowledged " + number);
            }
        } catch (IOException e) {
            System.out.println("error " + e.getMessage());
        }
    }

    /** The content of a record, different for each. */
    public static ByteBuffer record(int number) {
        byte[] bytes = new byte[LENGTH];
        new Random(number).nextBytes(bytes);
        return ByteBuffer.wrap(bytes);
    }
}
