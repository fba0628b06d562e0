package io.diskport.file;

import io.diskport.api.options.OnOffAuto;
import io.diskport.api.options.Option;
import java.nio.file.Path;

/**
 * The options of a file node, beside those that every node has.
 *
 * @param filename a regular file or block device
 * @param locking whether other processes are kept from using the file in ways that conflict
 */
public record FileOptions(
        @Option(
                        description = "a regular file or block device",
                        example = "/var/lib/diskport/disk.raw")
                Path filename,
        @Option(
                        description = "keep other processes from using the file in conflict",
                        defaultValue = "auto")
                OnOffAuto locking) {}
