package io.diskport.fuse.mount;

import com.kenai.jffi.MemoryIO;
import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.natives.Libc;
import io.diskport.natives.LibcConstants;
import io.diskport.natives.LibcHost;
import io.diskport.natives.NativeArena;
import io.diskport.natives.NativeError;
import io.diskport.natives.NativeFunction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The set-uid program that mounts and unmounts for ordinary users (fusermount(1)).
 *
 * <p>It sends the descriptor of /dev/fuse back through a socket whose number it finds in its
 * environment. Java starts no process with a socket, so it is started here by posix_spawn(3); what
 * it says goes to a file, and not to the daemon's standard error.
 */
final class Fusermount {
    private static final MemoryIO MEMORY = MemoryIO.getInstance();
    private static final int ANSWER_MILLIS = 10_000;
    private static final int AF_UNIX = 1;
    private static final int SOCK_STREAM = 1;
    private static final int SIGKILL = 9;
    private static final int MSGHDR = 56;
    private static final int CONTROL = 24;
    private static final int MSG_CMSG_CLOEXEC = 0x40000000;
    // glibc's posix_spawn_file_actions_t has 80 bytes, musl's fewer.
    private static final int FILE_ACTIONS = 256;

    private final Path program;

    private Fusermount(Path program) {
        this.program = program;
    }

    /** The program, where there is one in the given search path or in the usual places. */
    static Optional<Fusermount> find(String searchPath) {
        return Stream.of("fusermount", "fusermount3")
                .flatMap(
                        name ->
                                Stream.of(searchPath.split(":"))
                                        .filter(folder -> !folder.isEmpty())
                                        .map(folder -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst()
                .map(Fusermount::new);
    }

    /** Mounts, and answers the descriptor of /dev/fuse. */
    int mount(Path mountpoint, String options) throws BlockException {
        Path said = null;
        try (NativeArena arena = new NativeArena()) {
            said = Files.createTempFile("diskport-fusermount", ".log");
            long pair = arena.allocate(8);
            long result = call("socketpair", AF_UNIX, SOCK_STREAM, 0, pair);
            if (result < 0) {
                throw failure("socketpair: " + NativeError.message((int) result));
            }
            int ours = MEMORY.getInt(pair);
            int theirs = MEMORY.getInt(pair + 4);
            int pid;
            int descriptor = -1;
            try {
                Libc.fcntl(ours, LibcConstants.F_SETFD, LibcConstants.FD_CLOEXEC);
                pid = spawn(arena, theirs, mountpoint, options, said);
            } catch (BlockException e) {
                Libc.close(ours);
                throw e;
            } finally {
                Libc.close(theirs);
            }
            try {
                descriptor = receive(arena, ours);
            } finally {
                Libc.close(ours);
                if (descriptor < 0) {
                    call("kill", pid, SIGKILL);
                }
                call("waitpid", pid, arena.allocate(4), 0);
            }
            if (descriptor < 0) {
                throw failure(Files.readString(said).strip().replace('\n', ' '));
            }
            return descriptor;
        } catch (IOException e) {
            throw new BlockException(
                    Reason.FAILED, program + " cannot be run: " + e.getMessage(), e);
        } finally {
            delete(said);
        }
    }

    /** Unmounts lazily: clients that have the file open keep it. */
    void unmount(Path mountpoint) throws IOException {
        Command.Result result =
                Command.run(
                        5, List.of(program.toString(), "-u", "-z", "--", mountpoint.toString()));
        if (!result.finished() || result.status() != 0) {
            throw new IOException(
                    result.finished() ? result.output() : program + " did not end within 5 s");
        }
    }

    private int spawn(NativeArena arena, int socket, Path mountpoint, String options, Path said)
            throws BlockException {
        long actions = arena.allocate(FILE_ACTIONS);
        call("posix_spawn_file_actions_init", actions);
        try {
            int write = LibcConstants.O_WRONLY;
            long file = arena.string(said.toString());
            call("posix_spawn_file_actions_addopen", actions, 2, file, write, 0600);
            long nothing = arena.string("/dev/null");
            call("posix_spawn_file_actions_addopen", actions, 1, nothing, write, 0);
            long pid = arena.allocate(4);
            long path = arena.string(program.toString());
            List<String> arguments =
                    List.of(program.toString(), "-o", options, "--", mountpoint.toString());
            List<String> environment =
                    List.of("_FUSE_COMMFD=" + socket, "LC_ALL=C", "PATH=/usr/bin:/bin");
            NativeFunction posixSpawn = NativeFunction.ofInt("posix_spawn", 6);
            // posix_spawn returns its error and leaves errno alone.
            int error =
                    (int)
                            posixSpawn.call(
                                    pid,
                                    path,
                                    actions,
                                    0,
                                    arena.strings(arguments),
                                    arena.strings(environment));
            if (error != 0) {
                throw failure("cannot be run: " + NativeError.message(error));
            }
            return MEMORY.getInt(pid);
        } finally {
            call("posix_spawn_file_actions_destroy", actions);
        }
    }

    /** The descriptor that comes with the program's one byte; negative if none comes. */
    private static int receive(NativeArena arena, int socket) {
        long poll = arena.allocate(8);
        MEMORY.putInt(poll, socket);
        MEMORY.putShort(poll + 4, (short) LibcConstants.POLLIN);
        if (LibcHost.poll(poll, 1, ANSWER_MILLIS) <= 0) {
            return -1;
        }
        // struct msghdr, iovec and cmsghdr of 64-bit Linux (sys/socket.h)
        long vector = arena.allocate(16);
        MEMORY.putLong(vector, arena.allocate(8));
        MEMORY.putLong(vector + 8, 1);
        long control = arena.allocate(CONTROL);
        long message = arena.allocate(MSGHDR);
        MEMORY.putLong(message + 16, vector);
        MEMORY.putLong(message + 24, 1);
        MEMORY.putLong(message + 32, control);
        MEMORY.putLong(message + 40, CONTROL);
        long received = call("recvmsg", socket, message, MSG_CMSG_CLOEXEC);
        boolean hasControl = MEMORY.getLong(message + 40) >= CONTROL - 4;
        return received > 0 && hasControl ? MEMORY.getInt(control + 16) : -1;
    }

    private BlockException failure(String text) {
        return new BlockException(
                Reason.FAILED, text.startsWith(program.toString()) ? text : program + ": " + text);
    }

    private static void delete(Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            // A few bytes stay in the temporary folder: no reason to fail.
        }
    }

    private static int call(String symbol, long... arguments) {
        NativeFunction function = NativeFunction.ofInt(symbol, arguments.length);
        long[] a = arguments;
        long result =
                switch (a.length) {
                    case 1 -> function.call(a[0]);
                    case 2 -> function.call(a[0], a[1]);
                    case 3 -> function.call(a[0], a[1], a[2]);
                    case 4 -> function.call(a[0], a[1], a[2], a[3]);
                    case 5 -> function.call(a[0], a[1], a[2], a[3], a[4]);
                    default -> throw new IllegalArgumentException(symbol);
                };
        return (int) result;
    }
}
