package io.diskport.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeadMountsTest {
    @Test
    void onlyMountsOfOurTypeAreFoundStackedOnesTwice() {
        String mountinfo =
                """
                22 1 0:20 / / rw,relatime shared:1 - ext4 /dev/root rw
                90 22 0:55 / /srv/disk rw,nosuid,nodev - fuse.diskport diskport rw,user_id=0
                91 90 0:56 / /srv/disk rw,nosuid,nodev shared:7 master:3 - fuse.diskport diskport rw
                92 22 0:57 / /srv/fuse.diskport rw - fuse.sshfs host rw
                93 22 0:58 / /srv/other rw - fuse.diskport2 x rw
                """;
        assertEquals(
                List.of(Path.of("/srv/disk"), Path.of("/srv/disk")),
                DeadMounts.mountpoints(mountinfo));
    }

    @Test
    void whatTheKernelEscapesIsReadBack() {
        assertEquals(
                List.of(Path.of("/srv/my disk\\1")),
                DeadMounts.mountpoints(
                        "90 22 0:55 / /srv/my\\040disk\\1341 rw - fuse.diskport d rw\n"));
    }
}
