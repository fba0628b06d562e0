package io.diskport.api.options;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Describes one option: a component of a record.
 *
 * <pre>{@code
 * public record FuseOptions(
 *         @Option(description = "an existing regular file to mount on") Path mountpoint,
 *         @Option(description = "writes past the end enlarge the node", defaultValue = "off")
 *                 boolean growable,
 *         @Option(description = "let other users in", defaultValue = "auto") OnOffAuto allowOther) {}
 * }</pre>
 *
 * <p>A component may be a String, boolean (on, off, true, false), int, long, {@link ByteSize},
 * {@link java.time.Duration} (1500ms, 30s, 5m), {@link java.nio.file.Path}, an enum, {@link
 * java.util.Optional} or {@link java.util.List} of these, {@link NodeRef}, {@link ObjectRef}, a
 * nested record (dotted names outside: {@code cache.direct}), or a sealed interface of records
 * marked with {@link Choice}. Core parses, checks, describes and completes from it.
 *
 * <p>What a type cannot say, the record's compact constructor checks; an {@link
 * IllegalArgumentException} with a message for people refuses the options.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.RECORD_COMPONENT, ElementType.FIELD, ElementType.METHOD})
public @interface Option {
    /** One line for people, without a full stop. */
    String description();

    /**
     * The value where none is given, as it would be typed. Without one the option is required,
     * unless its type is Optional or List, or a nested record all of whose options can be left out.
     */
    String defaultValue() default "";

    /** The name outside; by default the component's, with hyphens: allowOther is allow-other. */
    String name() default "";

    /** A value as an example, for help. */
    String example() default "";

    /** Whether the value is a secret: it stands in no message, no list and no log. */
    boolean secret() default false;

    /**
     * Whether an {@link ObjectRef} for which nothing is given means the only object that fulfils
     * its contract. While there is none, what has the option waits; where there are several, it is
     * refused and one has to be named.
     */
    boolean onlyOne() default false;
}
