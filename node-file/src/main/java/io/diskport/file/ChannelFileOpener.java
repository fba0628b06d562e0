package io.diskport.file;

import io.diskport.api.BlockException;
import io.diskport.api.Errno;
import java.io.IOException;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Opens files as the JDK does, where there is nothing native. */
final class ChannelFileOpener implements FileOpener {
    private static final int TYPE = 0170000;
    private static final int DEVICE = 0060000;

    private final String reason;

    /**
     * Opens files without native calls.
     *
     * @param reason why there are none, for people
     */
    ChannelFileOpener(String reason) {
        this.reason = reason;
    }

    @Override
    public String engine() {
        return "java";
    }

    @Override
    public Optional<String> shortcoming() {
        return Optional.of(reason);
    }

    @Override
    public OpenFile open(Path path, boolean writable, boolean direct) throws BlockException {
        try {
            boolean device = checkType(path);
            if (!direct) {
                return new ChannelFile(
                        channel(path, writable, false),
                        null,
                        path.toString(),
                        device,
                        Alignment.NONE);
            }
            Alignment alignment = alignment(path, Files.getFileStore(path).getBlockSize());
            AsynchronousFileChannel main = channel(path, writable, true);
            try {
                // now, since it could be opened by its path only, which is not to be used later
                return new ChannelFile(
                        main, channel(path, writable, false), path.toString(), device, alignment);
            } catch (IOException e) {
                main.close();
                throw e;
            }
        } catch (IOException e) {
            Errno errno = FileErrors.errno(e);
            throw OpenFailure.of(path, errno, FileErrors.text(e), writable, direct);
        }
    }

    /** {@inheritDoc} The JDK opens by path only. */
    @Override
    public OpenFile again(OpenFile same, Path path, boolean writable, boolean direct)
            throws BlockException {
        return open(path, writable, direct);
    }

    /** What the JDK asks for past the page cache: the file system's block, whatever that is. */
    static Alignment alignment(Path path, long block) throws BlockException {
        if (block < 1 || block > Alignment.LARGEST || Long.bitCount(block) != 1) {
            throw OpenFailure.largeBlocks(path, "it is accessed in blocks of " + block + " bytes");
        }
        return new Alignment((int) block, (int) block);
    }

    private static AsynchronousFileChannel channel(Path path, boolean writable, boolean direct)
            throws IOException, BlockException {
        Set<OpenOption> options = new HashSet<>();
        options.add(StandardOpenOption.READ);
        if (writable) {
            options.add(StandardOpenOption.WRITE);
        }
        if (direct) {
            options.add(directOption(path));
        }
        return AsynchronousFileChannel.open(path, options, new CallerRuns());
    }

    private static OpenOption directOption(Path path) throws BlockException {
        try {
            // by name: the compiler warns of the JDK's extensions, and they may be missing
            Class<?> options = Class.forName("com.sun.nio.file.ExtendedOpenOption");
            for (Object constant : options.getEnumConstants()) {
                if (constant.toString().equals("DIRECT")) {
                    return (OpenOption) constant;
                }
            }
        } catch (ClassNotFoundException e) {
            // as if it had no such constant
        }
        throw new BlockException(
                BlockException.Reason.UNSUPPORTED,
                "Could not open '"
                        + path
                        + "': cache.direct needs the bundle native-runtime or the JDK's module"
                        + " jdk.unsupported");
    }

    private static boolean checkType(Path path) throws IOException, BlockException {
        if (Files.isDirectory(path)) {
            throw OpenFailure.wrongType(path, "directory");
        }
        int type = (Integer) Files.getAttribute(path, "unix:mode") & TYPE;
        return switch (type) {
            case 0100000 -> false;
            case DEVICE -> true;
            case 0010000 -> throw OpenFailure.wrongType(path, "pipe");
            case 0140000 -> throw OpenFailure.wrongType(path, "socket");
            default -> throw OpenFailure.wrongType(path, "character device");
        };
    }
}
