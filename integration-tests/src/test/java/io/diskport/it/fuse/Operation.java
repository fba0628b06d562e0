package io.diskport.it.fuse;

import io.diskport.natives.LibcConstants;
import java.util.StringJoiner;

/** What is done to a file. A slot is the number of a handle that the file under test holds open. */
sealed interface Operation {
    /** Closes the slot's handle, and opens another in its place. */
    record Open(int slot, int flags) implements Operation {
        private static final String[] ACCESS = {"O_RDONLY", "O_WRONLY", "O_RDWR"};

        @Override
        public String toString() {
            StringJoiner names = new StringJoiner("|", "Open[slot=" + slot + ", flags=", "]");
            names.add(ACCESS[flags & LibcConstants.O_ACCMODE]);
            name(names, LibcConstants.O_APPEND, "O_APPEND");
            name(names, LibcConstants.O_DIRECT, "O_DIRECT");
            name(names, LibcConstants.O_TRUNC, "O_TRUNC");
            return names.toString();
        }

        private void name(StringJoiner names, int flag, String name) {
            if ((flags & flag) != 0) {
                names.add(name);
            }
        }
    }

    record Read(int slot, long offset, int length) implements Operation {}

    /** Writes what {@link Pattern} makes of the seed. */
    record Write(int slot, long offset, int length, long seed) implements Operation {}

    record Truncate(int slot, long length) implements Operation {}

    record TruncatePath(long length) implements Operation {}

    /** fallocate(2). */
    record Allocate(int slot, int mode, long offset, long length) implements Operation {}

    /** lseek(2) with SEEK_END, SEEK_DATA or SEEK_HOLE. */
    record Seek(int slot, long offset, int whence) implements Operation {}

    /** Makes a hole in the middle of new data, and seeks it. */
    record FindHole(int slot, long offset, int length, long seed) implements Operation {}

    record Sync(int slot, boolean dataOnly) implements Operation {}

    record ChangeMode(int slot, int mode) implements Operation {}

    record SetTimes(int slot, long accessSeconds, long modifySeconds, int nanos)
            implements Operation {}

    /** copy_file_range(2). */
    record Copy(int from, long source, int to, long target, int length) implements Operation {}

    /** Reads through a shared mapping, as much of the range as the file has. */
    record ReadMapped(int slot, long offset, int length) implements Operation {}

    /** Writes through a shared mapping, as much of the range as the file has. */
    record WriteMapped(int slot, long offset, int length, long seed, boolean synchronize)
            implements Operation {}

    /** Has the kernel drop what it holds of the file. */
    record Forget(int slot) implements Operation {}

    /** Reads all of it through a handle of its own. */
    record ReadAll() implements Operation {}

    /** Looks whether what the file takes on its disk fits to what is in it. */
    record CheckSpace() implements Operation {}
}
