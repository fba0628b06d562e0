package io.diskport.fuse;

import io.diskport.fuse.engine.LibfuseLibrary;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The FUSE native library: either libfuse 2 or libfuse 3 stands for it. */
final class FuseLibraries {
    // libfuse 3 raised its number with release 3.17.
    private static final List<String> NAMES =
            List.of("libfuse.so.2", "libfuse3.so.3", "libfuse3.so.4");

    private FuseLibraries() {}

    /** Why none can be loaded, and how to get one; empty where one can. */
    static Optional<String> problem() {
        return problem(NAMES);
    }

    static Optional<String> problem(List<String> names) {
        List<String> errors = new ArrayList<>();
        for (String name : names) {
            Optional<String> error = LibfuseLibrary.problem(name);
            if (error.isEmpty()) {
                return Optional.empty();
            }
            errors.add(error.get());
        }
        // fuse3 brings libfuse 3 under whatever name the release gives it.
        return Optional.of(
                "no FUSE library can be loaded, neither libfuse 2 nor libfuse 3 ("
                        + String.join("; ", errors)
                        + "). Install libfuse 3: Debian, Ubuntu: apt-get install fuse3; Fedora,"
                        + " RHEL: dnf install fuse3; openSUSE: zypper install fuse3; Arch: pacman"
                        + " -S fuse3; Alpine: apk add fuse3. Or libfuse 2: Debian, Ubuntu: apt-get"
                        + " install libfuse2 (libfuse2t64 on newer ones); Fedora, RHEL: dnf install"
                        + " fuse-libs; openSUSE: zypper install libfuse2; Arch: pacman -S fuse2;"
                        + " Alpine: apk add fuse");
    }
}
