package io.diskport.launcher;

import java.io.IOException;
import java.util.Optional;

/** What is typed, or comes from a script, line by line. */
interface Lines {
    /** Waits for the next one; nothing at the end. */
    Optional<String> next() throws IOException;
}
