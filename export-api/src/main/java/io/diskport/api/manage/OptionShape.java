package io.diskport.api.manage;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What an option takes. */
public sealed interface OptionShape {
    /** What single values there are. */
    enum Type {
        /** Any text. */
        TEXT,
        /** On or off, true or false. */
        BOOLEAN,
        /** A whole number of 64 bits with a sign. */
        INTEGER,
        /** A number of bytes, also as text with a suffix. */
        SIZE,
        /** A time, as text with its unit. */
        DURATION,
        /** The path of a file. */
        PATH,
        /** The name of a node, or the options of a node to make. */
        NODE,
        /** The id of an object. */
        OBJECT
    }

    /** A single value. */
    record Value(Type type) implements OptionShape {}

    /** One of a closed set of words. */
    record OneOf(List<String> words) implements OptionShape {
        /** Keeps a copy. */
        public OneOf {
            words = List.copyOf(words);
        }
    }

    /** Any number of something. */
    record ListOf(OptionShape element) implements OptionShape {}

    /** Options of its own. */
    record Group(List<OptionMember> members) implements OptionShape {
        /** Keeps a copy. */
        public Group {
            members = List.copyOf(members);
        }
    }

    /**
     * Options of its own, which of them depends on one.
     *
     * @param discriminator the option that tells
     * @param cases the other options by the word that the discriminator has
     */
    record Alternatives(String discriminator, Map<String, List<OptionMember>> cases)
            implements OptionShape {
        /** Keeps a copy in the order given. */
        public Alternatives {
            cases = Collections.unmodifiableMap(new LinkedHashMap<>(cases));
        }
    }
}
