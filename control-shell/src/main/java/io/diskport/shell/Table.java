package io.diskport.shell;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Rows whose columns line up, two spaces apart; numbers to the right. */
final class Table {
    private final List<String[]> rows = new ArrayList<>();
    private final boolean[] right;

    /**
     * @param titles one a column; a trailing {@code >} means to the right
     */
    Table(String... titles) {
        right = new boolean[titles.length];
        String[] row = new String[titles.length];
        for (int i = 0; i < titles.length; i++) {
            right[i] = titles[i].endsWith(">");
            row[i] = right[i] ? titles[i].substring(0, titles[i].length() - 1) : titles[i];
        }
        rows.add(row);
    }

    /** Adds a row; what it says on several lines stands beneath each other. */
    void row(String... cells) {
        int height = 1;
        String[][] lines = new String[right.length][];
        for (int i = 0; i < right.length; i++) {
            lines[i] = cells[i].split("\n", -1);
            height = Math.max(height, lines[i].length);
        }
        for (int line = 0; line < height; line++) {
            String[] row = new String[right.length];
            for (int i = 0; i < right.length; i++) {
                row[i] = line < lines[i].length ? lines[i][line] : "";
            }
            rows.add(row);
        }
    }

    /** The titles and rows, each line with its end; columns that hold nothing are left out. */
    @Override
    public String toString() {
        int[] widths = new int[right.length];
        for (int column = 0; column < right.length; column++) {
            int at = column;
            boolean used =
                    rows.size() == 1 || rows.stream().skip(1).anyMatch(row -> !row[at].isEmpty());
            widths[column] =
                    used ? rows.stream().mapToInt(row -> row[at].length()).max().orElse(0) : -1;
        }
        StringBuilder text = new StringBuilder();
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < right.length; column++) {
                if (widths[column] < 0) {
                    continue;
                }
                char[] space = new char[widths[column] - row[column].length()];
                Arrays.fill(space, ' ');
                line.append(line.isEmpty() ? "" : "  ");
                line.append(right[column] ? new String(space) + row[column] : row[column]);
                line.append(right[column] ? "" : new String(space));
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }
}
