package io.diskport.fuse.engine;

import com.kenai.jffi.Library;
import com.kenai.jffi.MemoryIO;
import io.diskport.natives.NativeArena;
import io.diskport.natives.NativeFunction;
import java.lang.ref.Reference;
import java.util.List;
import java.util.Optional;
import jnr.ffi.Pointer;

/**
 * What is used of libfuse 2 beyond jnr-fuse's own binding: its session, without its main program,
 * which would print usage, set signal handlers and choose threads of its own (fuse.h,
 * fuse_lowlevel.h).
 */
public final class LibfuseLibrary {
    private static final String NAME = "libfuse.so.2";

    // Not to be collected: with it jffi would unmap the code under the functions' addresses.
    private final Library mapped;
    private final NativeFunction chanNew;
    private final NativeFunction chanBufsize;
    private final NativeFunction fuseNew;
    private final NativeFunction getSession;
    private final NativeFunction process;
    private final NativeFunction destroy;
    private final NativeFunction freeArguments;

    private LibfuseLibrary(Library library) {
        mapped = library;
        chanNew = NativeFunction.ofLibrary(library, "fuse_kern_chan_new", 1);
        chanBufsize = NativeFunction.ofLibrary(library, "fuse_chan_bufsize", 1);
        fuseNew = NativeFunction.ofAddress(addressOfFuseNew(library), "fuse_new", 5);
        getSession = NativeFunction.ofLibrary(library, "fuse_get_session", 1);
        process = NativeFunction.ofLibrary(library, "fuse_session_process", 4);
        destroy = NativeFunction.ofLibrary(library, "fuse_destroy", 1);
        freeArguments = NativeFunction.ofLibrary(library, "fuse_opt_free_args", 1);
    }

    /** Why it cannot be loaded, as the system's loader says it; empty where it can. */
    public static Optional<String> problem() {
        return problem(NAME);
    }

    /** Why a library of some name cannot be loaded. */
    public static Optional<String> problem(String name) {
        Library found = Library.openLibrary(name, Library.LAZY);
        return found == null ? Optional.of(Library.getLastError()) : Optional.empty();
    }

    /**
     * Loads it.
     *
     * @throws UnsatisfiedLinkError if it is not there, or is too old
     */
    static LibfuseLibrary load() {
        Library found = Library.getCachedInstance(NAME, Library.LAZY);
        if (found == null) {
            throw new UnsatisfiedLinkError(Library.getLastError());
        }
        return new LibfuseLibrary(found);
    }

    /**
     * libfuse 2 has several functions of this name, and the one that a look-up without a version
     * finds may be the oldest (dlvsym(3)).
     */
    private static long addressOfFuseNew(Library library) {
        Library system = Library.getDefault();
        if (system.getSymbolAddress("dlvsym") == 0) {
            return library.getSymbolAddress("fuse_new");
        }
        try (NativeArena arena = new NativeArena()) {
            long handle =
                    NativeFunction.ofLibrary(system, "dlopen", 2)
                            .call(arena.string(NAME), Library.LAZY);
            long address =
                    NativeFunction.ofLibrary(system, "dlvsym", 3)
                            .call(handle, arena.string("fuse_new"), arena.string("FUSE_2.6"));
            NativeFunction.ofLibrary(system, "dlclose", 1).call(handle);
            return address;
        }
    }

    /** A channel that owns the descriptor. */
    long newChannel(int descriptor) {
        return chanNew.call(descriptor);
    }

    /** How large the buffer for requests has to be. */
    int bufferSize(long channel) {
        return (int) chanBufsize.call(channel);
    }

    /**
     * A file system on a channel, which it owns from then on.
     *
     * @param options what would follow -o
     * @return 0 if it cannot be made
     */
    long newFileSystem(long channel, String options, LibfuseOperations operations) {
        try (NativeArena arena = new NativeArena()) {
            long arguments = arguments(arena, "diskport", "-o", options);
            Pointer structure = operations.structure();
            long address = structure.address();
            long fileSystem = fuseNew.call(channel, arguments, address, structure.size(), 0);
            Reference.reachabilityFence(structure);
            freeArguments.call(arguments);
            return fileSystem;
        }
    }

    /** struct fuse_args (fuse_opt.h): the number of texts, the texts, not owned by libfuse. */
    private static long arguments(NativeArena arena, String... texts) {
        long arguments = arena.allocate(24);
        MemoryIO memory = MemoryIO.getInstance();
        memory.putInt(arguments, texts.length);
        memory.putLong(arguments + 8, arena.strings(List.of(texts)));
        return arguments;
    }

    long session(long fileSystem) {
        return getSession.call(fileSystem);
    }

    /** Serves one request that was read from the channel's descriptor; sends its reply. */
    void process(long session, long buffer, long length, long channel) {
        process.call(session, buffer, length, channel);
    }

    /** Frees a file system, and closes its channel's descriptor. */
    void destroyFileSystem(long fileSystem) {
        destroy.call(fileSystem);
        Reference.reachabilityFence(mapped);
    }
}
