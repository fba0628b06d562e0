package io.diskport.support.tls;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** Reads files with keys and certificates. */
public final class CredentialFile {
    private static final int MAXIMUM_LENGTH = 1 << 20;

    private CredentialFile() {}

    /**
     * The whole of a file.
     *
     * @return nothing if it is longer than 1 MiB, and so none of these
     * @throws BlockException if it cannot be read, in QEMU's words, which tools compare
     */
    public static Optional<byte[]> read(Path file) throws BlockException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] content = in.readNBytes(MAXIMUM_LENGTH + 1);
            return content.length > MAXIMUM_LENGTH ? Optional.empty() : Optional.of(content);
        } catch (NoSuchFileException e) {
            throw failure(Reason.NOT_FOUND, file, "No such file or directory", e);
        } catch (AccessDeniedException e) {
            throw failure(Reason.DENIED, file, "Permission denied", e);
        } catch (FileSystemException e) {
            throw failure(
                    Reason.FAILED, file, e.getReason() == null ? e.getMessage() : e.getReason(), e);
        } catch (IOException e) {
            throw failure(Reason.FAILED, file, e.getMessage(), e);
        }
    }

    private static BlockException failure(Reason reason, Path file, String why, IOException e) {
        return new BlockException(reason, "Unable to access credentials " + file + ": " + why, e);
    }
}
