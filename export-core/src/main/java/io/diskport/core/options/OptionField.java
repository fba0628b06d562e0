package io.diskport.core.options;

import io.diskport.api.options.Choice;
import io.diskport.api.options.Option;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * One component of a record of options, as its {@link Option} describes it.
 *
 * @param name its name outside, without that of the records around it
 * @param type what the component is
 */
record OptionField(
        String name,
        Type type,
        String description,
        String defaultValue,
        boolean secret,
        boolean onlyOne) {

    /** The options of a record, in their order. */
    static List<OptionField> of(Class<?> record) {
        List<OptionField> fields = new ArrayList<>();
        for (RecordComponent component : record.getRecordComponents()) {
            Option option = component.getAnnotation(Option.class);
            String name = option == null ? "" : option.name();
            fields.add(
                    new OptionField(
                            name.isEmpty() ? hyphenated(component.getName()) : name,
                            component.getGenericType(),
                            option == null ? "" : option.description(),
                            option == null ? "" : option.defaultValue(),
                            option != null && option.secret(),
                            option != null && option.onlyOne()));
        }
        return fields;
    }

    /** The same option with another type: what an Optional or List of it holds. */
    OptionField withType(Type other) {
        return new OptionField(name, other, description, defaultValue, secret, onlyOne);
    }

    /** The type without its arguments. */
    Class<?> raw() {
        return raw(type);
    }

    boolean isOptional() {
        return raw() == Optional.class;
    }

    boolean isList() {
        return raw() == List.class;
    }

    /** What an Optional, a List or an ObjectRef is of. */
    Type argument() {
        return type instanceof ParameterizedType parameterized
                ? parameterized.getActualTypeArguments()[0]
                : Object.class;
    }

    /** The option of what an Optional or a List holds. */
    OptionField element() {
        return withType(argument());
    }

    static Class<?> raw(Type type) {
        if (type instanceof Class<?> known) {
            return known;
        }
        return type instanceof ParameterizedType parameterized
                ? (Class<?>) parameterized.getRawType()
                : Object.class;
    }

    /** Whether it is an interface whose records are alternatives. */
    static boolean isChoice(Class<?> type) {
        return type.isSealed() && type.isInterface() && type.isAnnotationPresent(Choice.class);
    }

    /** Whether it is a record that nests options, and not one of the API's value types. */
    static boolean isNested(Class<?> type) {
        return type.isRecord() && !OptionValue.isScalar(type);
    }

    /** The records of a choice by the value that means them. */
    static Map<String, Class<?>> alternatives(Class<?> choice) {
        Map<String, Class<?>> alternatives = new LinkedHashMap<>();
        for (Class<?> alternative : choice.getPermittedSubclasses()) {
            Choice value = alternative.getAnnotation(Choice.class);
            if (value != null && alternative.isRecord()) {
                alternatives.put(value.value(), alternative);
            }
        }
        return alternatives;
    }

    /** The option that tells which record of a choice is meant. */
    static String discriminator(Class<?> choice) {
        return choice.getAnnotation(Choice.class).value();
    }

    /** As names are outside: {@code allowOther} is {@code allow-other}. */
    static String hyphenated(String name) {
        return name.replaceAll("([a-z0-9])([A-Z])", "$1-$2").toLowerCase(Locale.ROOT);
    }
}
