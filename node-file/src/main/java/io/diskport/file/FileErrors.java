package io.diskport.file;

import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Errors of open files: they name the operation, the range and the file. */
final class FileErrors {
    private FileErrors() {}

    static BlockIOException at(
            String operation, String file, long offset, long length, Errno errno, String text) {
        return new BlockIOException(
                errno,
                "Failed to "
                        + operation
                        + " "
                        + length
                        + " bytes at offset "
                        + offset
                        + " of '"
                        + file
                        + "': "
                        + text);
    }

    static BlockIOException of(String operation, String file, Errno errno, String text) {
        return new BlockIOException(errno, "Failed to " + operation + " '" + file + "': " + text);
    }

    /** The number behind an exception of the JDK, which keeps only its text. */
    static Errno errno(IOException e) {
        if (e instanceof NoSuchFileException) {
            return Errno.ENOENT;
        }
        if (e instanceof AccessDeniedException) {
            return Errno.EACCES;
        }
        String text = text(e);
        for (Errno errno : Errno.values()) {
            if (errno.text().equals(text)) {
                return errno;
            }
        }
        return Errno.EIO;
    }

    /** What an exception of the JDK says about the reason. */
    static String text(IOException e) {
        if (e instanceof NoSuchFileException) {
            return Errno.ENOENT.text();
        }
        if (e instanceof AccessDeniedException) {
            return Errno.EACCES.text();
        }
        String text = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
        return text == null ? e.getClass().getSimpleName() : text;
    }
}
