package io.diskport.qmp;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** The type of a value in QMP, as its schema knows types. */
sealed interface Shape {
    Builtin STRING = new Builtin("str", "string", "string");
    Builtin INTEGER = new Builtin("int", "int", "integer");
    Builtin NUMBER = new Builtin("number", "number", "number");
    Builtin BOOLEAN = new Builtin("bool", "boolean", "boolean");
    Builtin ANY = new Builtin("any", "value", "value");
    Struct EMPTY = new Struct(List.of());

    /** The shape itself, where this only stands for one. */
    default Shape resolve() {
        return this;
    }

    /**
     * A type of JSON's own.
     *
     * @param expected its name in messages
     */
    record Builtin(String name, String jsonType, String expected) implements Shape {}

    /**
     * One of some words.
     *
     * @param refusal what to say of a word that is none of them, where there is more to say
     */
    record Words(List<String> words, Function<String, Optional<String>> refusal) implements Shape {
        static Words of(String... words) {
            return of(List.of(words));
        }

        static Words of(List<String> words) {
            return new Words(words, word -> Optional.empty());
        }
    }

    /** Any number of something. */
    record Array(Shape element) implements Shape {}

    /**
     * One of several types that JSON tells apart.
     *
     * @param expected its name in messages
     */
    record Alternate(String expected, List<Shape> shapes) implements Shape {}

    /** A shape that contains itself is not there yet when it is referred to. */
    record Later(Supplier<? extends Shape> shape) implements Shape {
        @Override
        public Shape resolve() {
            return shape.get().resolve();
        }
    }

    /** A member of an object. */
    record Member(String name, Shape shape, boolean optional) {
        static Member required(String name, Shape shape) {
            return new Member(name, shape, false);
        }

        static Member optional(String name, Shape shape) {
            return new Member(name, shape, true);
        }
    }

    /**
     * More members of an object, which ones depends on one of those that are always there.
     *
     * @param tag the member that tells
     * @param cases its values
     * @param variant the further members for each
     */
    record Variants(String tag, List<String> cases, Function<String, Struct> variant) {}

    /** An object. Two that are written alike are two types. */
    final class Struct implements Shape {
        private final List<Member> members;
        private final Optional<Variants> variants;

        private Struct(List<Member> members, Optional<Variants> variants) {
            this.members = List.copyOf(members);
            this.variants = variants;
        }

        Struct(List<Member> members) {
            this(members, Optional.empty());
        }

        Struct(List<Member> members, Variants variants) {
            this(members, Optional.of(variants));
        }

        static Struct of(Member... members) {
            return new Struct(List.of(members));
        }

        List<Member> members() {
            return members;
        }

        Optional<Variants> variants() {
            return variants;
        }
    }
}
