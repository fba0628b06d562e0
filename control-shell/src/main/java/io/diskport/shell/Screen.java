package io.diskport.shell;

import java.io.PrintStream;

/**
 * Where a command prints.
 *
 * @param out for what was asked
 * @param terminal whether {@code out} is one, so that lines can be written over
 */
record Screen(PrintStream out, boolean terminal) {
    void print(Object text) {
        out.print(text);
        out.flush();
    }

    void line(String text, Object... values) {
        out.println(values.length == 0 ? text : text.formatted(values));
        out.flush();
    }
}
