package io.diskport.core.options;

import io.diskport.api.options.ByteSize;
import io.diskport.api.options.NodeRef;
import io.diskport.api.options.ObjectRef;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Single values: from what was given, text or typed, to the types that options have. */
final class OptionValue {
    private static final Set<Class<?>> SCALARS =
            Set.of(
                    String.class,
                    boolean.class,
                    Boolean.class,
                    int.class,
                    Integer.class,
                    long.class,
                    Long.class,
                    ByteSize.class,
                    Duration.class,
                    Path.class,
                    NodeRef.class,
                    ObjectRef.class);

    private static final Pattern DURATION = Pattern.compile("([0-9]{1,18})(ns|us|ms|s|m|h|)");
    private static final Map<String, Long> NANOSECONDS =
            Map.of(
                    "ns", 1L,
                    "us", 1_000L,
                    "ms", 1_000_000L,
                    "s", 1_000_000_000L,
                    "", 1_000_000_000L,
                    "m", 60_000_000_000L,
                    "h", 3_600_000_000_000L);

    private OptionValue() {}

    /** Whether options of the type have one value. */
    static boolean isScalar(Class<?> type) {
        return type.isEnum() || SCALARS.contains(type);
    }

    /**
     * The value of a scalar type.
     *
     * @param given a String, Long, Double or Boolean
     * @throws IllegalArgumentException saying what would be right
     */
    static Object of(Class<?> type, Object given) {
        if (type == boolean.class || type == Boolean.class) {
            return bool(given);
        }
        if (type == int.class || type == Integer.class) {
            long number = number(given);
            if (number != (int) number) {
                throw new IllegalArgumentException(
                        "a whole number is at least -2147483648 and at most 2147483647 here");
            }
            return (int) number;
        }
        if (type == long.class || type == Long.class) {
            return number(given);
        }
        if (type == ByteSize.class) {
            return given instanceof Long bytes
                    ? new ByteSize(bytes)
                    : ByteSize.parse(text(given, describe(type)));
        }
        if (type == Duration.class && given instanceof Long seconds) {
            return duration(seconds.toString());
        }
        String text = text(given, describe(type));
        if (type == String.class) {
            return text;
        }
        if (type == Duration.class) {
            return duration(text);
        }
        if (type.isEnum()) {
            return constant(type, text);
        }
        if (text.isEmpty()) {
            throw new IllegalArgumentException(describe(type));
        }
        if (type == Path.class) {
            return path(text);
        }
        return type == NodeRef.class ? new NodeRef(text) : new ObjectRef<>(text);
    }

    /** What a type is in JSON, in QEMU's words. */
    static String form(Class<?> type) {
        if (type == boolean.class || type == Boolean.class) {
            return "boolean";
        }
        return Set.of(int.class, Integer.class, long.class, Long.class, ByteSize.class)
                        .contains(type)
                ? "integer"
                : "string";
    }

    /** Whether a value is text, or what JSON has for the type. */
    static boolean isOfRightForm(Class<?> type, Object given) {
        return given instanceof String
                || type == Duration.class && given instanceof Long
                || switch (form(type)) {
                    case "boolean" -> given instanceof Boolean;
                    case "integer" -> given instanceof Long;
                    default -> false;
                };
    }

    /** What is right for a type, as the end of a message. */
    static String describe(Class<?> type) {
        if (type == boolean.class || type == Boolean.class) {
            return "it is on or off";
        }
        if (type.isEnum()) {
            List<String> values = values(type);
            return values.size() == 1
                    ? "it can only be " + values.get(0)
                    : "it is one of " + String.join(", ", values);
        }
        return switch (type.getSimpleName()) {
            case "int", "Integer", "long", "Long" -> "a whole number is expected";
            case "ByteSize" ->
                    "a size is a number of bytes, with k, M, G, T, P or E behind it if wanted";
            case "Duration" ->
                    "a duration is a number of seconds, or one with ns, us, ms, s, m or h behind it";
            case "Path" -> "a path is expected";
            case "NodeRef" -> "the name of a node is expected";
            case "ObjectRef" -> "the id of an object is expected";
            default -> "text is expected, which JSON has in quotes";
        };
    }

    /** The names outside of an enum's constants. */
    static List<String> values(Class<?> type) {
        List<String> values = new ArrayList<>();
        for (Object constant : type.getEnumConstants()) {
            values.add(name(constant));
        }
        return values;
    }

    private static String name(Object constant) {
        return ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static boolean bool(Object given) {
        if (given instanceof Boolean value) {
            return value;
        }
        if ("on".equals(given) || "true".equals(given)) {
            return true;
        }
        if ("off".equals(given) || "false".equals(given)) {
            return false;
        }
        throw new IllegalArgumentException(describe(boolean.class));
    }

    private static long number(Object given) {
        if (given instanceof Long number) {
            return number;
        }
        try {
            return Long.parseLong(text(given, describe(long.class)));
        } catch (NumberFormatException e) {
            boolean digits = given.toString().matches("[+-]?[0-9]+");
            throw new IllegalArgumentException(
                    digits ? "the number is too large" : describe(long.class), e);
        }
    }

    private static Duration duration(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(describe(Duration.class));
        }
        try {
            long nanoseconds = NANOSECONDS.get(matcher.group(2));
            return Duration.ofNanos(
                    Math.multiplyExact(Long.parseLong(matcher.group(1)), nanoseconds));
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("a duration is at most 292 years", e);
        }
    }

    private static Path path(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("a path cannot be that: " + e.getReason(), e);
        }
    }

    private static Object constant(Class<?> type, String text) {
        for (Object constant : type.getEnumConstants()) {
            if (name(constant).equals(text)) {
                return constant;
            }
        }
        throw new IllegalArgumentException(describe(type));
    }

    private static String text(Object given, String expected) {
        if (given instanceof String text) {
            return text;
        }
        throw new IllegalArgumentException(expected);
    }
}
