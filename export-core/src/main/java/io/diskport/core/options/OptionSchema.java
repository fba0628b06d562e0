package io.diskport.core.options;

import io.diskport.api.BlockException;
import io.diskport.api.manage.OptionEntry;
import io.diskport.api.manage.OptionEntry.Form;
import io.diskport.api.options.NodeRef;
import io.diskport.api.options.ObjectRef;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Describes the options that records have. */
public final class OptionSchema {
    private static final List<String> ON_OFF = List.of("on", "off");

    private OptionSchema() {}

    /**
     * Every option of the records by its dotted name, nested ones and alternatives included.
     *
     * @param types in the order in which their options are to be shown
     */
    public static List<OptionEntry> of(List<? extends Class<? extends Record>> types) {
        Map<String, OptionEntry> entries = new LinkedHashMap<>();
        for (Class<? extends Record> type : types) {
            describe(new Place("", "", true), type, entries);
        }
        return new ArrayList<>(entries.values());
    }

    /** The options without the values of secrets, as they may be shown. */
    public static Map<String, Object> withoutSecrets(
            Map<String, ?> options, List<? extends Class<? extends Record>> types)
            throws BlockException {
        Map<String, Object> shown = OptionText.normalize(options);
        for (Class<? extends Record> type : types) {
            removeSecrets(type, shown);
        }
        return shown;
    }

    private static void removeSecrets(Class<?> type, Map<String, Object> shown) {
        for (OptionField field : OptionField.of(type)) {
            if (field.secret()) {
                shown.remove(field.name());
                continue;
            }
            OptionField inner = field;
            while (inner.isOptional() || inner.isList()) {
                inner = inner.element();
            }
            removeInside(inner.raw(), shown.get(field.name()));
        }
    }

    private static void removeInside(Class<?> type, Object value) {
        if (value instanceof List<?> list) {
            list.forEach(element -> removeInside(type, element));
        } else if (value instanceof Map<?, ?>) {
            Map<String, Object> map = OptionTree.asMap(value);
            if (OptionField.isNested(type)) {
                removeSecrets(type, map);
            } else if (OptionField.isChoice(type)) {
                OptionField.alternatives(type).values().forEach(a -> removeSecrets(a, map));
            }
        }
    }

    /** Where an option stands: what goes before its name and description. */
    private record Place(String prefix, String condition, boolean required) {
        Place inside(String name, boolean stillRequired) {
            return new Place(prefix + name + '.', condition, required && stillRequired);
        }

        Place when(String option, String value) {
            return new Place(prefix, "with " + option + '=' + value + ": ", false);
        }
    }

    private static void describe(Place place, Class<?> type, Map<String, OptionEntry> entries) {
        for (OptionField field : OptionField.of(type)) {
            boolean required = field.defaultValue().isEmpty() && !field.onlyOne();
            String list = "";
            String name = field.name();
            OptionField inner = field;
            while (inner.isOptional() || inner.isList()) {
                required = false;
                list = inner.isList() ? "list of " : list;
                inner = inner.element();
            }
            Class<?> raw = inner.raw();
            if (OptionField.isNested(raw)) {
                describe(place.inside(list.isEmpty() ? name : name + ".0", required), raw, entries);
            } else if (OptionField.isChoice(raw)) {
                choice(
                        place.inside(list.isEmpty() ? name : name + ".0", required),
                        inner,
                        raw,
                        entries);
            } else {
                OptionEntry entry =
                        new OptionEntry(
                                place.prefix() + name,
                                list + typeName(raw),
                                place.required() && required,
                                field.defaultValue(),
                                place.condition() + field.description(),
                                values(raw),
                                form(raw));
                entries.putIfAbsent(entry.name(), entry);
            }
        }
    }

    private static void choice(
            Place place, OptionField field, Class<?> type, Map<String, OptionEntry> entries) {
        String which = place.prefix() + OptionField.discriminator(type);
        List<String> values = List.copyOf(OptionField.alternatives(type).keySet());
        entries.putIfAbsent(
                which,
                new OptionEntry(
                        which,
                        String.join("|", values),
                        place.required(),
                        "",
                        place.condition() + field.description(),
                        values,
                        Form.CHOICE));
        OptionField.alternatives(type)
                .forEach((value, record) -> describe(place.when(which, value), record, entries));
    }

    private static String typeName(Class<?> type) {
        if (!values(type).isEmpty()) {
            return String.join("|", values(type));
        }
        return switch (type.getSimpleName()) {
            case "int", "Integer", "long", "Long" -> "number";
            case "ByteSize" -> "size";
            case "Duration" -> "duration";
            case "Path" -> "path";
            case "NodeRef" -> "node";
            case "ObjectRef" -> "object";
            default -> "text";
        };
    }

    private static List<String> values(Class<?> type) {
        if (type == boolean.class || type == Boolean.class) {
            return ON_OFF;
        }
        return type.isEnum() ? List.copyOf(OptionValue.values(type)) : List.of();
    }

    private static Form form(Class<?> type) {
        if (!values(type).isEmpty()) {
            return Form.CHOICE;
        }
        return Optional.ofNullable(
                        Map.of(NodeRef.class, Form.NODE, ObjectRef.class, Form.OBJECT).get(type))
                .orElse(type == Path.class ? Form.PATH : Form.VALUE);
    }
}
