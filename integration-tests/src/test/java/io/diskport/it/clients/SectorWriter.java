package io.diskport.it.clients;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Writes every second sector of a file's first blocks, again and again, and looks in the image
 * beneath whether what was acknowledged is there. Nobody else writes these sectors.
 */
public final class SectorWriter {
    private static final int SECTOR = 512;
    private static final int SECTORS = 16;

    private SectorWriter() {}

    /** Arguments: the export, the image beneath, 0 or 1 for which sectors, milliseconds. */
    public static void main(String... arguments) throws IOException {
        int first = Integer.parseInt(arguments[2]);
        try (FileChannel export =
                        FileChannel.open(Path.of(arguments[0]), StandardOpenOption.WRITE);
                FileChannel image =
                        FileChannel.open(Path.of(arguments[1]), StandardOpenOption.READ)) {
            System.out.println("ready");
            System.in.read();
            long end = System.nanoTime() + Long.parseLong(arguments[3]) * 1_000_000;
            long round = 0;
            while (System.nanoTime() < end) {
                round++;
                for (int sector = first; sector < SECTORS; sector += 2) {
                    write(export, sector, round);
                }
                for (int sector = first; sector < SECTORS; sector += 2) {
                    long found = read(image, sector);
                    if (found != round) {
                        System.out.printf(
                                "lost: sector %d holds round %d, not %d%n", sector, found, round);
                        return;
                    }
                }
            }
            System.out.println("kept, rounds " + round);
        }
    }

    private static void write(FileChannel file, int sector, long round) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(SECTOR);
        while (bytes.hasRemaining()) {
            bytes.putLong(round);
        }
        file.write(bytes.flip(), (long) sector * SECTOR);
    }

    private static long read(FileChannel file, int sector) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES);
        file.read(bytes, (long) sector * SECTOR);
        return bytes.getLong(0);
    }
}
