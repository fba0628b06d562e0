package io.diskport.shell;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Names of files that a half-typed one could become. */
final class Paths {
    private static final int SHOWN_AT_MOST = 200;

    private static final Pattern PLAIN = Pattern.compile("[\\p{L}\\p{N}._+@%:~-]+");

    private Paths() {}

    /**
     * Completes {@code name=path}.
     *
     * @return whole elements; a folder ends with a slash
     */
    static List<String> complete(String element) {
        int value = element.indexOf('=') + 1;
        int slash = element.lastIndexOf('/') + 1;
        String folder = slash > value ? element.substring(value, slash) : "";
        String begin = element.substring(Math.max(slash, value));
        String before = element.substring(0, value) + folder;
        List<String> found = new ArrayList<>();
        try (DirectoryStream<Path> entries =
                Files.newDirectoryStream(
                        Path.of(folder.isEmpty() ? "." : folder),
                        entry -> {
                            String name = entry.getFileName().toString();
                            return name.startsWith(begin)
                                    && (name.charAt(0) != '.' || begin.startsWith("."));
                        })) {
            for (Path entry : entries) {
                if (!PLAIN.matcher(entry.getFileName().toString()).matches()) {
                    continue; // The line editor breaks down over names it would have to quote.
                }
                found.add(before + entry.getFileName() + (Files.isDirectory(entry) ? "/" : ""));
                if (found.size() == SHOWN_AT_MOST) {
                    break;
                }
            }
        } catch (IOException | InvalidPathException e) {
            return List.of(); // nothing to suggest
        }
        found.sort(null);
        return found;
    }
}
