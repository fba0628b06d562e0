package io.diskport.core.options;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Makes the records of options from options, and refuses what does not fit, by name and value.
 *
 * <p>It is for one use: it holds classes of the bundles that the records come from.
 */
public final class RecordBinder {
    private final String what;
    private final String path;
    private final Map<String, Object> options;

    /**
     * Looks for options that none of the records has.
     *
     * @param what whose options they are, for messages: {@code export type 'fuse'}
     * @param options nested or with dotted names
     * @param types all the records that these options are for
     * @throws BlockException naming the first unknown option
     */
    public RecordBinder(
            String what, Map<String, ?> options, List<? extends Class<? extends Record>> types)
            throws BlockException {
        this(what, "", options, types);
    }

    /**
     * The same for options that stand inside another.
     *
     * @param path what stands before their names: {@code file.}
     */
    public RecordBinder(
            String what,
            String path,
            Map<String, ?> options,
            List<? extends Class<? extends Record>> types)
            throws BlockException {
        this.what = what;
        this.path = path;
        this.options = OptionText.normalize(options);
        Set<String> known = new LinkedHashSet<>();
        for (Class<? extends Record> type : types) {
            OptionField.of(type).forEach(field -> known.add(field.name()));
        }
        refuseUnknown(path, this.options, known);
    }

    /**
     * One of the records.
     *
     * @throws BlockException naming the option that is missing or wrong
     */
    public <R extends Record> R bind(Class<R> type) throws BlockException {
        return type.cast(record(path, type, options));
    }

    private Object record(String prefix, Class<?> type, Map<String, Object> given)
            throws BlockException {
        List<OptionField> fields = OptionField.of(type);
        Object[] values = new Object[fields.size()];
        for (int i = 0; i < values.length; i++) {
            OptionField field = fields.get(i);
            values[i] = component(prefix + field.name(), field, given.get(field.name()));
        }
        return construct(type, values);
    }

    private Object component(String path, OptionField field, Object given) throws BlockException {
        Class<?> raw = field.raw();
        if (given == null && !field.defaultValue().isEmpty()) {
            return component(path, field, field.defaultValue());
        }
        if (field.isOptional()) {
            return given == null
                    ? Optional.empty()
                    : Optional.of(component(path, field.element(), given));
        }
        if (field.isList()) {
            return list(path, field.element(), given);
        }
        if (OptionField.isNested(raw)) {
            return nested(path, raw, group(path, given));
        }
        if (OptionField.isChoice(raw)) {
            return choice(path, raw, group(path, given));
        }
        if (!OptionValue.isScalar(raw)) {
            throw new BlockException(
                    Reason.FAILED,
                    "Option '"
                            + path
                            + "' of "
                            + what
                            + " has the type "
                            + raw.getName()
                            + ", which options cannot have: this is a mistake of its driver");
        }
        if (given == null) {
            throw missing(path, "");
        }
        return scalar(path, field, given);
    }

    private List<Object> list(String path, OptionField element, Object given)
            throws BlockException {
        if (given == null || "".equals(given)) {
            return List.of();
        }
        if (!(given instanceof List<?> elements)) {
            return List.of(component(path, element, given));
        }
        List<Object> list = new ArrayList<>(elements.size());
        for (Object value : elements) {
            list.add(component(path + '.' + list.size(), element, value));
        }
        return List.copyOf(list);
    }

    private Object nested(String path, Class<?> type, Map<String, Object> given)
            throws BlockException {
        Set<String> known = new LinkedHashSet<>();
        OptionField.of(type).forEach(field -> known.add(field.name()));
        refuseUnknown(path + '.', given, known);
        return record(path + '.', type, given);
    }

    private Object choice(String path, Class<?> type, Map<String, Object> given)
            throws BlockException {
        String discriminator = OptionField.discriminator(type);
        String name = path + '.' + discriminator;
        Map<String, Class<?>> alternatives = OptionField.alternatives(type);
        String allowed = "it is one of " + String.join(", ", alternatives.keySet());
        Object value = given.get(discriminator);
        if (value == null) {
            throw missing(name, ": " + allowed);
        }
        Class<?> alternative = value instanceof String text ? alternatives.get(text) : null;
        if (alternative == null) {
            throw new BlockException(Reason.INVALID, notAccepted(name, value) + ": " + allowed);
        }
        Set<String> known = new LinkedHashSet<>();
        known.add(discriminator);
        OptionField.of(alternative).forEach(field -> known.add(field.name()));
        refuseUnknown(path + '.', given, known);
        return record(path + '.', alternative, given);
    }

    private Map<String, Object> group(String path, Object given) throws BlockException {
        if (given == null) {
            return Map.of();
        }
        if (given instanceof Map<?, ?>) {
            return OptionTree.asMap(given);
        }
        throw new BlockException(
                Reason.INVALID,
                "Invalid parameter type for '"
                        + path
                        + "', expected: object; it is a group of options, '"
                        + path
                        + ".NAME'");
    }

    private Object scalar(String path, OptionField field, Object given) throws BlockException {
        if (given instanceof Map<?, ?>) {
            throw new BlockException(
                    Reason.INVALID,
                    "Option '" + path + "' takes one value, and not options of its own");
        }
        if (given instanceof List<?>) {
            throw new BlockException(
                    Reason.INVALID, "Option '" + path + "' takes one value, and not a list");
        }
        String right;
        try {
            return OptionValue.of(field.raw(), given);
        } catch (IllegalArgumentException e) {
            // The message says it all, and a cause could show a secret.
            right = e.getMessage();
        }
        throw wrong(path, field, given, right);
    }

    private Object construct(Class<?> type, Object[] values) throws BlockException {
        try {
            Class<?>[] parameters =
                    Stream.of(type.getRecordComponents())
                            .map(RecordComponent::getType)
                            .toArray(Class<?>[]::new);
            Constructor<?> constructor = type.getDeclaredConstructor(parameters);
            constructor.setAccessible(true);
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            throw refused(e);
        } catch (ReflectiveOperationException | RuntimeException e) {
            throw new BlockException(
                    Reason.FAILED, "The options of " + what + " cannot be used: " + e, e);
        }
    }

    private BlockException refused(InvocationTargetException e) {
        Throwable cause = e.getCause();
        boolean refused = cause instanceof IllegalArgumentException;
        return new BlockException(
                refused ? Reason.INVALID : Reason.FAILED,
                refused && cause.getMessage() != null
                        ? cause.getMessage()
                        : "The options of " + what + " cannot be used: " + cause,
                cause);
    }

    private void refuseUnknown(String prefix, Map<String, Object> given, Set<String> known)
            throws BlockException {
        for (Map.Entry<String, Object> option : given.entrySet()) {
            if (!known.contains(option.getKey())) {
                String name =
                        OptionText.flatten(Map.of(option.getKey(), option.getValue()))
                                .keySet()
                                .stream()
                                .findFirst()
                                .orElse(option.getKey());
                String nearest = Spelling.nearest(option.getKey(), known);
                throw new BlockException(
                        Reason.INVALID,
                        "Parameter '"
                                + OptionTree.shown(prefix + name)
                                + "' is unexpected for "
                                + what
                                + (nearest.isEmpty()
                                        ? ""
                                        : "; did you mean '" + prefix + nearest + "'?"));
            }
        }
    }

    private BlockException missing(String path, String more) {
        return new BlockException(
                Reason.INVALID, "Parameter '" + path + "' is missing for " + what + more);
    }

    /** Begins in QEMU's words, which tools compare. */
    private static BlockException wrong(
            String path, OptionField field, Object given, String right) {
        String what;
        if (field.secret()) {
            what = "Parameter '" + path + "' has a wrong value: " + right;
        } else if (!OptionValue.isOfRightForm(field.raw(), given)) {
            what =
                    "Invalid parameter type for '"
                            + path
                            + "', expected: "
                            + OptionValue.form(field.raw())
                            + "; the value is '"
                            + shown(given)
                            + "': "
                            + right;
        } else if (field.raw().isEnum() || !(given instanceof String)) {
            what = notAccepted(path, given) + ": " + right;
        } else {
            what =
                    switch (OptionValue.form(field.raw())) {
                        case "integer" ->
                                "Parameter '"
                                        + path
                                        + "' expects integer, and not '"
                                        + shown(given)
                                        + "': "
                                        + right;
                        case "boolean" ->
                                "Parameter '"
                                        + path
                                        + "' expects 'on' or 'off', and not '"
                                        + shown(given)
                                        + "'";
                        default -> notAccepted(path, given) + ": " + right;
                    };
        }
        return new BlockException(Reason.INVALID, what);
    }

    private static String notAccepted(String path, Object given) {
        return "Parameter '" + path + "' does not accept value '" + shown(given) + "'";
    }

    private static String shown(Object given) {
        return OptionTree.shown(given instanceof String text ? text : OptionText.typed(given));
    }
}
