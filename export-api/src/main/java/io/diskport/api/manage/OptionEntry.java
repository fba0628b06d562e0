package io.diskport.api.manage;

import java.util.List;

/**
 * One option of a type.
 *
 * @param name its name outside, dotted where it is nested
 * @param type what it takes, for people: {@code size}, {@code on|off}, {@code node}
 * @param required whether it has to be given
 * @param defaultValue what it is where it is not given; empty if nothing
 * @param description one line
 * @param values what it can be, where that is a closed set; else empty
 * @param form what it refers to, for completion
 */
public record OptionEntry(
        String name,
        String type,
        boolean required,
        String defaultValue,
        String description,
        List<String> values,
        Form form) {
    /** What a value is, as far as completion needs it. */
    public enum Form {
        /** Text, a number, a size. */
        VALUE,
        /** One of {@link OptionEntry#values}. */
        CHOICE,
        /** A path of a file. */
        PATH,
        /** The name of a node. */
        NODE,
        /** The id of an object. */
        OBJECT
    }
}
