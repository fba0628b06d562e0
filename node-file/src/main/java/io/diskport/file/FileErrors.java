package io.diskport.file;

import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Optional;

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

    /**
     * The number behind an exception of the JDK, which keeps only its text.
     *
     * <p>The text is in the language of the process (LC_ALL, LC_MESSAGES, LANG). What has an
     * exception of its own is known in every language, and so is a full disk; everything else, such
     * as EFBIG, EROFS and EDQUOT, is known in English and becomes EIO in other languages.
     */
    static Errno errno(IOException e) {
        return errno(e, LocalTexts.noSpace());
    }

    /** The same with the text that stands for a full disk, if that is known. */
    static Errno errno(IOException e, Optional<String> noSpace) {
        Optional<Errno> byType = byType(e);
        if (byType.isPresent()) {
            return byType.get();
        }
        String text = text(e);
        if (noSpace.isPresent() && noSpace.get().equals(text)) {
            return Errno.ENOSPC;
        }
        for (Errno errno : Errno.values()) {
            if (errno.text().equals(text)) {
                return errno;
            }
        }
        return Errno.EIO;
    }

    private static Optional<Errno> byType(IOException e) {
        if (e instanceof NoSuchFileException) {
            return Optional.of(Errno.ENOENT);
        }
        return e instanceof AccessDeniedException ? Optional.of(Errno.EACCES) : Optional.empty();
    }

    /** What an exception of the JDK says about the reason. */
    static String text(IOException e) {
        Optional<Errno> byType = byType(e);
        if (byType.isPresent()) {
            return byType.get().text();
        }
        String text = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
        return text == null ? e.getClass().getSimpleName() : text;
    }
}
