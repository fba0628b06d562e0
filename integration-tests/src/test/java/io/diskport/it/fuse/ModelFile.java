package io.diskport.it.fuse;

import io.diskport.it.fuse.Operation.Allocate;
import io.diskport.it.fuse.Operation.Read;
import io.diskport.it.fuse.Operation.ReadAll;
import io.diskport.it.fuse.Operation.ReadMapped;
import io.diskport.it.fuse.Operation.Truncate;
import io.diskport.it.fuse.Operation.TruncatePath;
import io.diskport.it.fuse.Operation.Write;
import io.diskport.it.fuse.Operation.WriteMapped;
import io.diskport.natives.LibcConstants;
import java.util.Arrays;

/** What a file is, in memory: a length and bytes. Its handles may do everything. */
final class ModelFile implements Subject {
    private static final int CAPACITY = 8 << 20;

    private final byte[] bytes = new byte[CAPACITY];
    private int size;

    ModelFile(int size) {
        this.size = size;
    }

    @Override
    public Outcome perform(Operation operation) {
        if (operation instanceof Read read) {
            return read((int) read.offset(), read.length());
        } else if (operation instanceof ReadMapped read) {
            return read((int) read.offset(), read.length());
        } else if (operation instanceof ReadAll) {
            return read(0, size);
        } else if (operation instanceof Write write) {
            return write((int) write.offset(), Pattern.bytes(write.seed(), write.length()));
        } else if (operation instanceof WriteMapped write) {
            int inside = inside((int) write.offset(), write.length());
            write((int) write.offset(), Pattern.bytes(write.seed(), inside));
            return done(0);
        } else if (operation instanceof Truncate truncate) {
            return truncate((int) truncate.length());
        } else if (operation instanceof TruncatePath truncate) {
            return truncate((int) truncate.length());
        } else if (operation instanceof Allocate allocate) {
            return allocate(allocate.mode(), (int) allocate.offset(), (int) allocate.length());
        }
        return done(0);
    }

    private Outcome read(int offset, int length) {
        int count = inside(offset, length);
        int begin = Math.min(offset, size);
        return Outcome.read(size, Arrays.copyOfRange(bytes, begin, begin + count));
    }

    private Outcome write(int offset, byte[] content) {
        System.arraycopy(content, 0, bytes, offset, content.length);
        if (content.length > 0) {
            size = Math.max(size, offset + content.length);
        }
        return done(content.length);
    }

    private Outcome truncate(int length) {
        if (length < size) {
            Arrays.fill(bytes, length, size, (byte) 0);
        }
        size = length;
        return done(0);
    }

    private Outcome allocate(int mode, int offset, int length) {
        if ((mode & LibcConstants.FALLOC_FL_KEEP_SIZE) == 0) {
            size = Math.max(size, offset + length);
        }
        if (mode != 0) {
            Arrays.fill(bytes, offset, offset + length, (byte) 0);
        }
        return done(0);
    }

    private int inside(int offset, int length) {
        return Math.max(0, Math.min(length, size - offset));
    }

    private Outcome done(int result) {
        return Outcome.of(result, size);
    }
}
