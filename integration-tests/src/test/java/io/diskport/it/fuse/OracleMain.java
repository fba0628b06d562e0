package io.diskport.it.fuse;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * Does the same to an export and to what it has to be equal to, until they differ or the given
 * number of operations is done. A program of its own: a mount that hangs then hangs no test.
 */
public final class OracleMain {
    /** Of the last operations, so many are told of. */
    private static final int TOLD = 20;

    private final Subject expected;
    private final FileUnderTest export;
    private final Mix mix;
    private final String engine;
    private final Deque<String> last = new ArrayDeque<>();
    private long size;

    private OracleMain(Subject expected, FileUnderTest export, Mix mix, String engine, long size) {
        this.expected = expected;
        this.export = export;
        this.mix = mix;
        this.engine = engine;
        this.size = size;
    }

    /**
     * Arguments: the engine, the seed, the number of operations, the offset that all of them are
     * beyond, the export, the image beneath it, and a plain file of the same content; without that
     * it is a model in memory, and mappings are written without msync.
     */
    public static void main(String... arguments) throws Exception {
        String engine = arguments[0];
        long seed = Long.parseLong(arguments[1]);
        int count = Integer.parseInt(arguments[2]);
        long base = Long.parseLong(arguments[3]);
        FileUnderTest export = new FileUnderTest(Path.of(arguments[4]), base);
        FileUnderTest image = new FileUnderTest(Path.of(arguments[5]), base);
        boolean plain = arguments.length > 6;
        long size = export.size();
        Subject expected =
                plain
                        ? new PlainFile(Path.of(arguments[6]), base)
                        : new ModelFile(Math.toIntExact(size));
        boolean seeksHoles = !Difference.LIBFUSE.equals(engine);
        Mix mix = plain ? Mix.ofEverything(seed, base, seeksHoles) : Mix.ofContent(seed);
        OracleMain oracle = new OracleMain(expected, export, mix, engine, size);
        oracle.run(count, plain);
        oracle.compareWith(image);
        System.out.println("the same after " + count + " operations");
    }

    private void run(int count, boolean handlesOfEveryKind) {
        for (Operation operation : mix.begin(handlesOfEveryKind)) {
            perform(operation);
        }
        for (int i = 0; i < count; i++) {
            perform(mix.next(size));
        }
    }

    private void perform(Operation operation) {
        Optional<Difference> difference = Difference.of(operation, mix.flags(), engine);
        Outcome wanted =
                difference.isPresent()
                        ? Outcome.of(-difference.get().errno, size)
                        : expected.perform(operation);
        Outcome seen = export.perform(operation);
        tell(operation + ": " + seen);
        check(wanted.difference(seen), operation);
        size = seen.size();
    }

    /** What was synchronized is in the image. */
    private void compareWith(FileUnderTest image) {
        perform(new Operation.Sync(0, false));
        Operation all = new Operation.ReadAll();
        check(expected.perform(all).difference(image.perform(all)), "the image beneath");
        perform(all);
    }

    private void tell(String line) {
        last.add(line);
        if (last.size() > TOLD) {
            last.remove();
        }
    }

    private void check(String difference, Object where) {
        if (!difference.isEmpty()) {
            System.out.println(where + ": " + difference);
            System.out.println("The last operations, with what the export answered:");
            last.forEach(System.out::println);
            System.exit(1);
        }
    }
}
