package io.diskport.file;

import io.diskport.api.BlockException;
import java.nio.file.Path;
import java.util.Optional;

/** Opens files one way: by native calls, or by the JDK's channels. */
interface FileOpener {
    /** The way, in a word or two, for people. */
    String engine();

    /** Why it cannot do all that a file node does, for people; empty where it can. */
    Optional<String> shortcoming();

    /**
     * Opens a regular file or block device; anything else is refused without being opened.
     *
     * @throws OpenFailure if it cannot
     */
    OpenFile open(Path path, boolean writable, boolean direct) throws BlockException;

    /**
     * Opens a file once more, in another way; where that can be had not by its path, which a mount
     * of our own may cover now.
     *
     * @param same what this has opened before
     * @throws OpenFailure if it cannot
     */
    OpenFile again(OpenFile same, Path path, boolean writable, boolean direct)
            throws BlockException;
}
