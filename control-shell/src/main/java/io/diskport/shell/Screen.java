package io.diskport.shell;

import java.io.PrintStream;

/**
 * Where a command prints. After Ctrl-C, which interrupts its thread, it prints no more: the line
 * editor has the terminal again, and a write by an interrupted thread would close it for good.
 *
 * @param out for what was asked
 * @param terminal whether {@code out} is one, so that lines can be written over
 */
record Screen(PrintStream out, boolean terminal) {
    void print(Object text) {
        write(out, text.toString());
    }

    void line(String text, Object... values) {
        write(out, (values.length == 0 ? text : text.formatted(values)) + System.lineSeparator());
    }

    static void write(PrintStream stream, String text) {
        if (!Thread.currentThread().isInterrupted()) {
            stream.print(text);
            stream.flush();
        }
    }
}
