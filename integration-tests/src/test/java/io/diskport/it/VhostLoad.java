package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/** A guest that writes to its disk and verifies it until it is told to end. */
final class VhostLoad {
    private static final Duration GOES_ON = Duration.ofSeconds(60);
    private static final String ANSWER = "it goes on";
    private static final int SECTOR = 512;
    private static final long RECORDS_AT = 64 << 20;

    private final Guest guest;
    private int answers = 1;

    private VhostLoad(Guest guest) {
        this.guest = guest;
    }

    /**
     * Starts it, and waits until it is under way.
     *
     * @param more further options of fio
     */
    static VhostLoad start(Bench bench, Path socket, String more) {
        Guest guest =
                new Guest.Machine(bench, "vhost-load.sh")
                        .disk(socket, 2)
                        .word("MORE", more)
                        .within(Duration.ofMinutes(8))
                        .start();
        guest.await(ANSWER, Guest.BOOT.plus(GOES_ON));
        return new VhostLoad(guest);
    }

    Guest guest() {
        return guest;
    }

    /** Looks that more is written, verified and flushed from now on. */
    void assertGoesOn() {
        guest.say("on");
        guest.await(ANSWER, ++answers, GOES_ON);
    }

    /**
     * Ends it; nothing failed, and all that it has flushed is in the image, too.
     *
     * @return what it said
     */
    String end(Path image) throws IOException {
        guest.say("end");
        String said = guest.content();
        int records = Integer.parseInt(said.replaceFirst("(?s).*\nrecords ([0-9]+)\n.*", "$1"));
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "r")) {
            byte[] sector = new byte[SECTOR];
            for (int record = 0; record < records; record++) {
                file.seek(RECORDS_AT + (long) record * SECTOR);
                file.readFully(sector);
                String read = new String(sector, StandardCharsets.US_ASCII);
                assertTrue(read.startsWith("record " + record + "\n"), "record " + record);
            }
        }
        return said;
    }
}
