package io.diskport.core.options;

import io.diskport.api.BlockException;
import io.diskport.api.object.BlockObject;
import io.diskport.api.options.NodeRef;
import io.diskport.api.options.ObjectRef;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An option that refers to a node or an object, as it is given.
 *
 * @param path its dotted name
 * @param value the name or id; for a node possibly a map, which are the options of a node to make;
 *     empty where nothing is given and the only object is meant
 * @param contract for an object what it has to be; empty for a node
 */
public record OptionReference(
        String path, Object value, Optional<Class<? extends BlockObject>> contract) {

    /** Whether it refers to a node, and not to an object. */
    public boolean isNode() {
        return contract.isEmpty();
    }

    /** Whether nothing is given, so that the only object of its contract is meant. */
    public boolean isImplied() {
        return "".equals(value);
    }

    /** Whether the options of a node to make stand in place of a name. */
    public boolean isInline() {
        return value instanceof Map<?, ?>;
    }

    /** The name or id. */
    public String name() {
        return (String) value;
    }

    /** The options of the node to make. */
    public Map<String, Object> definition() {
        return OptionTree.asMap(value);
    }

    /**
     * All references in options; what is not in its right form is left out, for {@link
     * RecordBinder} refuses it.
     *
     * @param types all the records that the options are for
     */
    public static List<OptionReference> in(
            Map<String, ?> options, List<? extends Class<? extends Record>> types)
            throws BlockException {
        Map<String, Object> nested = OptionText.normalize(options);
        Map<String, OptionReference> found = new LinkedHashMap<>();
        for (Class<? extends Record> type : types) {
            inRecord("", type, nested, found);
        }
        return new ArrayList<>(found.values());
    }

    /** The options with a name in place of the reference at a path. */
    public static Map<String, Object> replace(Map<String, ?> options, String path, String name)
            throws BlockException {
        return OptionTree.asMap(replaced(OptionText.normalize(options), path, name));
    }

    private static Object replaced(Object value, String path, String name) {
        int dot = path.indexOf('.');
        String key = dot < 0 ? path : path.substring(0, dot);
        if (value instanceof List<?> list) {
            List<Object> copy = new ArrayList<>(list);
            int index = Integer.parseInt(key);
            copy.set(
                    index,
                    dot < 0 ? name : replaced(list.get(index), path.substring(dot + 1), name));
            return copy;
        }
        Map<String, Object> copy = new LinkedHashMap<>(OptionTree.asMap(value));
        copy.put(key, dot < 0 ? name : replaced(copy.get(key), path.substring(dot + 1), name));
        return copy;
    }

    private static void inRecord(
            String prefix,
            Class<?> type,
            Map<String, Object> given,
            Map<String, OptionReference> found) {
        for (OptionField field : OptionField.of(type)) {
            Object value = given.get(field.name());
            if (value == null && !field.defaultValue().isEmpty()) {
                value = field.defaultValue();
            }
            if (value == null && field.onlyOne() && field.raw() == ObjectRef.class) {
                String path = prefix + field.name();
                found.putIfAbsent(
                        path, new OptionReference(path, "", Optional.of(contract(field))));
            }
            if (value != null) {
                inValue(prefix + field.name(), field, value, found);
            }
        }
    }

    private static void inValue(
            String path, OptionField field, Object value, Map<String, OptionReference> found) {
        Class<?> raw = field.raw();
        if (field.isOptional()) {
            inValue(path, field.element(), value, found);
        } else if (field.isList()) {
            inList(path, field.element(), value, found);
        } else if (raw == NodeRef.class) {
            if (value instanceof Map<?, ?> || isName(value)) {
                found.putIfAbsent(path, new OptionReference(path, value, Optional.empty()));
            }
        } else if (raw == ObjectRef.class) {
            if (isName(value)) {
                found.putIfAbsent(
                        path, new OptionReference(path, value, Optional.of(contract(field))));
            }
        } else if (value instanceof Map<?, ?>) {
            Map<String, Object> map = OptionTree.asMap(value);
            if (OptionField.isNested(raw)) {
                inRecord(path + '.', raw, map, found);
            } else if (OptionField.isChoice(raw)
                    && map.get(OptionField.discriminator(raw)) instanceof String which
                    && OptionField.alternatives(raw).containsKey(which)) {
                inRecord(path + '.', OptionField.alternatives(raw).get(which), map, found);
            }
        }
    }

    private static Class<? extends BlockObject> contract(OptionField field) {
        Class<?> contract = OptionField.raw(field.argument());
        return BlockObject.class.isAssignableFrom(contract)
                ? contract.asSubclass(BlockObject.class)
                : BlockObject.class;
    }

    private static void inList(
            String path, OptionField element, Object value, Map<String, OptionReference> found) {
        if (value instanceof List<?> list) {
            for (int i = 0; i < list.size(); i++) {
                inValue(path + '.' + i, element, list.get(i), found);
            }
        } else {
            inValue(path, element, value, found);
        }
    }

    private static boolean isName(Object value) {
        return value instanceof String name && !name.isEmpty();
    }
}
