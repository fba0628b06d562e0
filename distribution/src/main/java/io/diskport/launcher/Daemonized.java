package io.diskport.launcher;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** A run whose terminal goes on without it; bin/diskport waits until it says that it may. */
final class Daemonized {
    private Daemonized() {}

    /**
     * Tells bin/diskport at the other end of standard output that everything is there, and lets go
     * of what it was started with. Java does not close the first three descriptors when told to: it
     * puts /dev/null in their place, which is what is wanted.
     */
    static void ready() throws StartException {
        FileInputStream in = new FileInputStream(FileDescriptor.in);
        FileOutputStream out = new FileOutputStream(FileDescriptor.out);
        FileOutputStream err = new FileOutputStream(FileDescriptor.err);
        try (in;
                out;
                err) {
            out.write("ready\n".getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new StartException("cannot leave the terminal: " + Folders.reason(e), e);
        }
    }
}
