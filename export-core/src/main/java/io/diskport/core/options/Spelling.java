package io.diskport.core.options;

import java.util.Collection;

/** Finds what somebody may have meant. */
final class Spelling {
    private Spelling() {}

    /** The known name that is nearest to the wrong one; empty if none is near. */
    static String nearest(String wrong, Collection<String> known) {
        String nearest = "";
        int least = Math.min(2, wrong.length() / 3) + 1;
        for (String name : known) {
            if (Math.abs(name.length() - wrong.length()) < least) {
                int distance = distance(wrong, name);
                if (distance < least) {
                    least = distance;
                    nearest = name;
                }
            }
        }
        return nearest;
    }

    /** How many letters to insert, leave out, replace, or swap with their neighbour. */
    private static int distance(String a, String b) {
        int[][] cost = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    cost[i][j] = i + j;
                    continue;
                }
                int same = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                cost[i][j] =
                        Math.min(
                                cost[i - 1][j - 1] + same,
                                1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
                if (i > 1
                        && j > 1
                        && a.charAt(i - 1) == b.charAt(j - 2)
                        && a.charAt(i - 2) == b.charAt(j - 1)) {
                    cost[i][j] = Math.min(cost[i][j], cost[i - 2][j - 2] + 1);
                }
            }
        }
        return cost[a.length()][b.length()];
    }
}
