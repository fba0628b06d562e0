package io.diskport.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A session with QEMU's storage daemon as it was recorded, and where Diskport means to answer
 * otherwise. A line of its file begins with
 *
 * <ul>
 *   <li>{@code >} for what is sent, {@code <} for what QEMU's daemon answers,
 *   <li>{@code =} for what Diskport answers instead, and {@code !} for the reason; {@code = *}
 *       stands for anything,
 *   <li>{@code needs}, {@code argument} and {@code end} for what the session needs, one more
 *       argument, and the exit status, {@code #} for a remark.
 * </ul>
 *
 * @param needs what it needs of the host, or nothing
 * @param arguments of the command line, beside those for the monitor
 * @param end the exit status
 */
record Transcript(String needs, List<String> arguments, List<Exchange> exchanges, int end) {
    private static final Pattern TIMESTAMP =
            Pattern.compile("\"timestamp\": \\{\"seconds\": \\d+, \"microseconds\": \\d+\\}");
    private static final Pattern VERSION =
            Pattern.compile("\\{\"qemu\": \\{[^}]*\\}, \"package\": \"[^\"]*\"\\}");
    private static final Pattern ERROR =
            Pattern.compile("(.*\"error\": \\{\"class\": \"\\w+\", \"desc\": \")(.*)(\"\\}.*)");

    /**
     * One request and what comes up to its reply.
     *
     * @param request nothing for the greeting
     * @param golden what QEMU's daemon answers
     * @param own what Diskport answers where that is meant to be something else, or nothing
     */
    record Exchange(String request, List<String> golden, List<String> own) {
        List<String> expected(StorageDaemon daemon) {
            return daemon == StorageDaemon.DISKPORT && !own.isEmpty() ? own : golden;
        }
    }

    static Transcript read(Path file) throws IOException {
        String needs = "";
        int end = 0;
        List<String> arguments = new ArrayList<>();
        List<Exchange> exchanges = new ArrayList<>();
        exchanges.add(new Exchange("", new ArrayList<>(), new ArrayList<>()));
        boolean reasoned = true;
        for (String line : Files.readAllLines(file)) {
            Exchange last = exchanges.get(exchanges.size() - 1);
            String rest = line.substring(Math.min(line.length(), 2));
            if (line.startsWith("> ")) {
                exchanges.add(new Exchange(rest, new ArrayList<>(), new ArrayList<>()));
            } else if (line.startsWith("< ")) {
                last.golden().add(rest);
            } else if (line.startsWith("= ")) {
                last.own().add(rest);
                reasoned = false;
            } else if (line.startsWith("! ")) {
                reasoned = true;
            } else if (line.startsWith("needs ")) {
                needs = line.substring("needs ".length());
            } else if (line.startsWith("argument ")) {
                arguments.add(line.substring("argument ".length()));
            } else if (line.startsWith("end ")) {
                end = Integer.parseInt(line.substring("end ".length()));
            } else if (!line.isEmpty() && !line.startsWith("#")) {
                throw new IOException(file + ": what is '" + line + "'?");
            }
            if (!reasoned && line.startsWith("> ")) {
                throw new IOException(file + ": a difference without a reason before " + line);
            }
        }
        return new Transcript(needs, arguments, exchanges, end);
    }

    /** Without what is another at every run. */
    static String normal(String line, Path folder) {
        String text = line.replace(folder.toString(), "$DIR").replaceAll(" {2,}", " ");
        text = TIMESTAMP.matcher(text).replaceAll("\"timestamp\": {}");
        return VERSION.matcher(text).replaceAll("{VERSION}");
    }

    /**
     * Whether a line is what was expected. Diskport's errors begin with the words of QEMU's, and go
     * on with what to do.
     */
    static boolean fits(String expected, String said) {
        if (expected.equals("*")) {
            return true;
        }
        Matcher wanted = ERROR.matcher(expected.replaceAll(" {2,}", " "));
        Matcher got = ERROR.matcher(said);
        return wanted.matches() && got.matches()
                ? wanted.group(1).equals(got.group(1))
                        && got.group(2).startsWith(wanted.group(2))
                        && wanted.group(3).equals(got.group(3))
                : expected.equals(said);
    }

    /** The same for all lines of an exchange: events, and then the reply. */
    static boolean fits(List<String> expected, List<String> said) {
        if (expected.size() != said.size()) {
            return false;
        }
        for (int i = 0; i < expected.size(); i++) {
            if (!fits(expected.get(i), said.get(i))) {
                return false;
            }
        }
        return true;
    }
}
