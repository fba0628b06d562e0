package io.diskport.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** One library is enough, whichever; libc stands in for it. */
class FuseLibrariesTest {
    @Test
    void anyOfThemIsEnough() {
        assertEquals(
                Optional.empty(), FuseLibraries.problem(List.of("libc.so.6", "libnothere.so.9")));
        assertEquals(
                Optional.empty(), FuseLibraries.problem(List.of("libnothere.so.9", "libc.so.6")));
    }

    @Test
    void whereNoneIsThereAllAreNamedAndHowToGetThem() {
        String reason =
                FuseLibraries.problem(List.of("libnothere.so.2", "libnothere3.so.3")).orElseThrow();
        assertTrue(
                reason.contains(
                        "(libnothere.so.2: cannot open shared object file: No such file or"
                                + " directory; libnothere3.so.3: cannot open"),
                reason);
        assertTrue(reason.contains("apt-get install fuse3"), reason);
        assertTrue(reason.contains("apt-get install libfuse2 (libfuse2t64"), reason);
        assertTrue(reason.contains("dnf install fuse-libs"), reason);
    }
}
