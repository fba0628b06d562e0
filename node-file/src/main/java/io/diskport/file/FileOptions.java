package io.diskport.file;

import io.diskport.api.options.OnOffAuto;
import io.diskport.api.options.Option;
import java.nio.file.Path;

/**
 * The options of a file node, beside those that every node has.
 *
 * @param filename a regular file or block device
 * @param locking whether other processes are kept from using the file in ways that conflict
 * @param aio taken for the sake of command lines that name it
 */
public record FileOptions(
        @Option(
                        description = "a regular file or block device",
                        example = "/var/lib/diskport/disk.raw")
                Path filename,
        @Option(
                        description = "keep other processes from using the file in conflict",
                        defaultValue = "auto")
                OnOffAuto locking,
        @Option(
                        description =
                                "taken for QEMU's sake and without effect; native needs"
                                        + " cache.direct=on, as there",
                        defaultValue = "threads")
                Aio aio) {
    /** Options without a wish for how requests are handed to the system. */
    FileOptions(Path filename, OnOffAuto locking) {
        this(filename, locking, Aio.THREADS);
    }
}
