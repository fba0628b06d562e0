package io.diskport.it;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** What stands beneath an NBD export of 8 MiB. */
enum NbdNode {
    MEMORY(0, "node-add memory node-name=NAME size=8M"),
    FILE(0, "node-add file node-name=NAME discard=unmap filename=IMAGE"),
    /** O_DIRECT: requests of any offset and length are to be right all the same. */
    DIRECT(0, "node-add file node-name=NAME cache.direct=on filename=IMAGE"),
    THROTTLE(
            0,
            "object-add throttle-group id=NAME-group limits.bps-total=200M",
            "node-add file node-name=NAME-file filename=IMAGE",
            "node-add throttle node-name=NAME throttle-group=NAME-group file=NAME-file"),
    /** The second half of the image. */
    PART(
            8 << 20,
            "node-add file node-name=NAME-file filename=IMAGE",
            "node-add raw node-name=NAME offset=8M size=8M file=NAME-file");

    static final long SIZE = 8 << 20;

    private final long offset;
    private final List<String> commands;

    NbdNode(long offset, String... commands) {
        this.offset = offset;
        this.commands = List.of(commands);
    }

    /** Adds it, over an image which it makes. */
    void add(Shell shell, String name, Path image) {
        if (this != MEMORY) {
            Site.image(image, offset + SIZE);
        }
        for (String command : commands) {
            shell.perform(command.replace("NAME", name).replace("IMAGE", image.toString()));
        }
    }

    /** Whether there is an image, and where the node begins in it. */
    boolean hasImage() {
        return this != MEMORY;
    }

    long offset() {
        return offset;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
