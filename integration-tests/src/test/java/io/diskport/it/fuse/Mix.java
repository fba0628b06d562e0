package io.diskport.it.fuse;

import io.diskport.it.fuse.Operation.Allocate;
import io.diskport.it.fuse.Operation.ChangeMode;
import io.diskport.it.fuse.Operation.CheckSpace;
import io.diskport.it.fuse.Operation.Copy;
import io.diskport.it.fuse.Operation.FindHole;
import io.diskport.it.fuse.Operation.Forget;
import io.diskport.it.fuse.Operation.Open;
import io.diskport.it.fuse.Operation.Read;
import io.diskport.it.fuse.Operation.ReadAll;
import io.diskport.it.fuse.Operation.ReadMapped;
import io.diskport.it.fuse.Operation.Seek;
import io.diskport.it.fuse.Operation.SetTimes;
import io.diskport.it.fuse.Operation.Sync;
import io.diskport.it.fuse.Operation.Truncate;
import io.diskport.it.fuse.Operation.TruncatePath;
import io.diskport.it.fuse.Operation.Write;
import io.diskport.it.fuse.Operation.WriteMapped;
import io.diskport.natives.LibcConstants;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/** Operations at random, the same ones for the same seed. */
final class Mix {
    static final int SLOTS = 6;

    private static final int SPAN = 2 << 20;
    private static final int LONGEST = 300_000;
    private static final int KEEP_SIZE = LibcConstants.FALLOC_FL_KEEP_SIZE;
    private static final int PUNCH = LibcConstants.FALLOC_FL_PUNCH_HOLE;
    private static final int ZERO = LibcConstants.FALLOC_FL_ZERO_RANGE;
    private static final int[] RIGHT_MODES = {0, PUNCH | KEEP_SIZE, ZERO, ZERO | KEEP_SIZE};
    private static final int[] WRONG_MODES = {PUNCH, PUNCH | ZERO, KEEP_SIZE, 0x100, -1};

    private final Random random;
    private final long base;
    private final int[] flags = new int[SLOTS];
    private final List<Supplier<Operation>> choices = new ArrayList<>();
    private long size;

    private Mix(long seed, long base) {
        this.random = new Random(seed);
        this.base = base;
    }

    /**
     * Everything that a file can do, on handles of every kind.
     *
     * @param seeksHoles whether it is expected to find them
     */
    static Mix ofEverything(long seed, long base, boolean seeksHoles) {
        Mix mix = new Mix(seed, base);
        mix.add(30, mix::open);
        mix.addContent();
        mix.add(10, () -> mix.allocate(WRONG_MODES));
        mix.add(10, mix::badArguments);
        mix.add(40, mix::seek);
        mix.add(seeksHoles ? 10 : 0, mix::findHole);
        mix.add(10, () -> new ChangeMode(mix.slot(), mix.random.nextInt(01000)));
        mix.add(10, mix::setTimes);
        mix.add(30, mix::copy);
        mix.add(5, CheckSpace::new);
        return mix;
    }

    /** What changes the content, on handles that may do everything, with no care for msync. */
    static Mix ofContent(long seed) {
        Mix mix = new Mix(seed, 0);
        mix.addContent();
        mix.add(130, () -> mix.writeMapped(false));
        return mix;
    }

    /** The first thing to do: every slot's handle. */
    List<Operation> begin(boolean ofEveryKind) {
        int[] kinds = {
            LibcConstants.O_RDWR,
            LibcConstants.O_RDONLY,
            LibcConstants.O_WRONLY,
            LibcConstants.O_RDWR | LibcConstants.O_DIRECT,
            LibcConstants.O_RDWR | LibcConstants.O_APPEND,
            LibcConstants.O_RDWR,
        };
        List<Operation> operations = new ArrayList<>();
        for (int slot = 0; slot < SLOTS; slot++) {
            operations.add(open(slot, ofEveryKind ? kinds[slot] : LibcConstants.O_RDWR));
        }
        return operations;
    }

    /**
     * The next one.
     *
     * @param nowSize the file's length
     */
    Operation next(long nowSize) {
        size = nowSize;
        return choices.get(random.nextInt(choices.size())).get();
    }

    /** What the handles were opened with, by slot. */
    int[] flags() {
        return flags;
    }

    private void addContent() {
        add(150, this::read);
        add(150, this::write);
        add(20, () -> new Truncate(slot(), length()));
        add(10, () -> new TruncatePath(length()));
        add(60, () -> allocate(RIGHT_MODES));
        add(10, () -> new Sync(slot(), random.nextBoolean()));
        add(50, () -> new ReadMapped(slot(), offset(), 1 + count()));
        add(20, () -> writeMapped(true));
        add(15, () -> new Forget(slot()));
        add(10, ReadAll::new);
    }

    private void add(int weight, Supplier<Operation> choice) {
        for (int i = 0; i < weight; i++) {
            choices.add(choice);
        }
    }

    private Operation open() {
        int access = random.nextInt(3) == 0 ? random.nextInt(2) : LibcConstants.O_RDWR;
        int[] more = {0, 0, LibcConstants.O_DIRECT, LibcConstants.O_APPEND};
        int truncate = random.nextInt(8) == 0 ? LibcConstants.O_TRUNC : 0;
        return open(random.nextInt(SLOTS), access | more[random.nextInt(more.length)] | truncate);
    }

    private Operation open(int slot, int how) {
        flags[slot] = how;
        return new Open(slot, how);
    }

    private Operation read() {
        int slot = slot();
        return new Read(slot, aligned(slot, offset()), (int) aligned(slot, count()));
    }

    private Operation write() {
        int slot = slot();
        return new Write(slot, aligned(slot, offset()), (int) aligned(slot, count()), pattern());
    }

    private Operation writeMapped(boolean synchronize) {
        return new WriteMapped(slot(), offset(), 1 + count(), pattern(), synchronize);
    }

    private Operation allocate(int[] modes) {
        int mode = modes[random.nextInt(modes.length)];
        return new Allocate(slot(), mode, offset(), 1 + count());
    }

    private Operation badArguments() {
        int slot = slot();
        switch (random.nextInt(6)) {
            case 0:
                return new Allocate(slot, 0, offset(), 0);
            case 1:
                return new Allocate(slot, PUNCH | KEEP_SIZE, -4096, 4096);
            case 2:
                return new Truncate(slot, -1);
            case 3:
                return new Read(slot, -4096, 4096);
            case 4:
                return new Write(slot, -4096, 4096, pattern());
            default:
                return new Allocate(slot, 0, Long.MAX_VALUE - 4095, 8192);
        }
    }

    private Operation seek() {
        int[] kinds = {LibcConstants.SEEK_DATA, LibcConstants.SEEK_HOLE, LibcConstants.SEEK_END};
        int whence = kinds[random.nextInt(kinds.length)];
        long offset = random.nextInt(20) == 0 ? -1 : offset();
        return new Seek(slot(), whence == LibcConstants.SEEK_END ? 0 : offset, whence);
    }

    /** In pages, and through a handle that writes where it is told to. */
    private Operation findHole() {
        int slot = slot();
        boolean fits =
                (flags[slot] & (LibcConstants.O_ACCMODE | LibcConstants.O_APPEND))
                        == LibcConstants.O_RDWR;
        int length = 3 * 16 * FileUnderTest.PAGE;
        return fits
                ? new FindHole(slot, offset() & -FileUnderTest.PAGE, length, random.nextLong() | 1)
                : new Seek(slot, offset(), LibcConstants.SEEK_HOLE);
    }

    private Operation setTimes() {
        int nanos = random.nextInt(1_000_000_000);
        return new SetTimes(slot(), random.nextInt(), random.nextInt() & 0xffffffffL, nanos);
    }

    /** Handles for O_DIRECT copy only what is aligned, and not always that. */
    private Operation copy() {
        int from = slot();
        int to = slot();
        if (isDirect(from) || isDirect(to)) {
            return write();
        }
        return new Copy(from, offset(), to, offset(), count());
    }

    private boolean isDirect(int slot) {
        return (flags[slot] & LibcConstants.O_DIRECT) != 0;
    }

    private int slot() {
        return random.nextInt(SLOTS);
    }

    private long aligned(int slot, long number) {
        return isDirect(slot) ? number & -FileUnderTest.PAGE : number;
    }

    private long pattern() {
        return random.nextInt(10) == 0 ? Pattern.ZEROES : random.nextLong() | 1;
    }

    private long offset() {
        long any = base + random.nextInt(SPAN);
        switch (random.nextInt(6)) {
            case 0:
                long near = size - 5000 + random.nextInt(10_000);
                return Math.max(base, Math.min(near, base + SPAN));
            case 1:
            case 2:
                return any & -FileUnderTest.PAGE;
            case 3:
                return any & -512;
            default:
                return any;
        }
    }

    private int count() {
        switch (random.nextInt(16)) {
            case 0:
            case 1:
                return random.nextInt(3);
            case 2:
                return random.nextInt(LONGEST);
            case 3:
                return FileUnderTest.PAGE * random.nextInt(LONGEST / FileUnderTest.PAGE);
            case 4:
            case 5:
            case 6:
            case 7:
                return FileUnderTest.PAGE * random.nextInt(8);
            case 8:
            case 9:
            case 10:
                return 512 * random.nextInt(16);
            default:
                return random.nextInt(10_000);
        }
    }

    private long length() {
        return random.nextInt(4) == 0 ? offset() : base + SPAN / 2 + random.nextInt(SPAN);
    }
}
