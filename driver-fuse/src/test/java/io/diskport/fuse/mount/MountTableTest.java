package io.diskport.fuse.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is understood of the kernel's table, and what is passed over. */
class MountTableTest {
    private static List<MountTable.Mount> parse(String... lines) {
        String table = String.join("\n", lines) + "\n";
        return MountTable.parse(table.getBytes(StandardCharsets.ISO_8859_1)).toList();
    }

    @Test
    void linesBecomeMounts() {
        assertEquals(
                List.of(
                        new MountTable.Mount(36, "98:0", "/a b\\c", "ext3"),
                        new MountTable.Mount(41, "0:52", "/disk", "fuse.diskport")),
                parse(
                        "36 35 98:0 /root /a\\040b\\134c rw shared:1 master:2 - ext3 /dev/x rw",
                        "41 36 0:52 / /disk rw,nosuid - fuse.diskport diskport rw,user_id=0"));
    }

    @Test
    void foreignNamesAreBytes() {
        assertEquals(
                List.of(new MountTable.Mount(7, "0:9", "/\u00c3\u00bc\u00ff\r\0", "tmpfs")),
                parse("7 1 0:9 / /\u00c3\u00bc\u00ff\r\\000 rw - tmpfs none rw"));
    }

    @Test
    void linesThatMakeNoSenseArePassedOver() {
        assertEquals(List.of(), parse("", "x", "1 2", "1 1 0:1 / /x rw", "99999999999 1 0:1 / /"));
    }
}
