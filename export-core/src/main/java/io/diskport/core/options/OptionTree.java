package io.diskport.core.options;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Collects options by their dotted names into nested maps and lists. */
final class OptionTree {
    /** How deep options may be nested; deeper ones are refused, so that no input ends the stack. */
    static final int MAXIMUM_DEPTH = 64;

    private final Map<String, Object> root = new LinkedHashMap<>();
    private final int depth;

    OptionTree() {
        this(0);
    }

    private OptionTree(int depth) {
        this.depth = depth;
    }

    /** Adds everything in a map, whose keys may be dotted. */
    void putAll(Map<?, ?> options) throws BlockException {
        putAll("", options);
    }

    private void putAll(String prefix, Map<?, ?> options) throws BlockException {
        for (Map.Entry<?, ?> option : options.entrySet()) {
            put(prefix + option.getKey(), option.getValue());
        }
    }

    /** Adds one option; the value may be a map of more. */
    void put(String key, Object value) throws BlockException {
        if (value instanceof Map<?, ?> map && !map.isEmpty()) {
            if (depthOf(key) > MAXIMUM_DEPTH) {
                throw tooDeep(key);
            }
            putAll(key + '.', map);
            return;
        }
        insert(key, value instanceof Map<?, ?> ? new LinkedHashMap<>() : leaf(key, value));
    }

    /** The nested map; where all keys of an inner map are 0, 1, 2 and so on, it is a list. */
    Map<String, Object> finish() throws BlockException {
        for (Map.Entry<String, Object> entry : root.entrySet()) {
            entry.setValue(withLists(entry.getKey(), entry.getValue()));
        }
        return root;
    }

    private void insert(String key, Object value) throws BlockException {
        if (depth + depthOf(key) > MAXIMUM_DEPTH) {
            throw tooDeep(key);
        }
        Map<String, Object> level = root;
        int begin = 0;
        for (int dot = key.indexOf('.'); dot >= 0; dot = key.indexOf('.', begin)) {
            String fragment = fragment(key, begin, dot);
            Object inner = level.computeIfAbsent(fragment, f -> new LinkedHashMap<>());
            if (!(inner instanceof Map<?, ?>)) {
                throw both(key.substring(0, dot), key);
            }
            level = asMap(inner);
            begin = dot + 1;
        }
        String last = fragment(key, begin, key.length());
        Object before = level.get(last);
        boolean bothEmpty = before instanceof Map<?, ?> map && map.isEmpty();
        if (before instanceof Map<?, ?> && !bothEmpty) {
            if (value instanceof Map<?, ?>) {
                return;
            }
            throw both(key, key + "." + asMap(before).keySet().iterator().next());
        }
        if (before != null) {
            throw new BlockException(Reason.INVALID, "Option '" + shown(key) + "' is given twice");
        }
        level.put(last, value);
    }

    private static String fragment(String key, int begin, int end) throws BlockException {
        boolean right = end > begin;
        for (int i = begin; i < end && right; i++) {
            char c = key.charAt(i);
            right = c < 128 && (Character.isLetterOrDigit(c) || c == '-' || c == '_');
        }
        if (!right) {
            throw new BlockException(
                    Reason.INVALID,
                    "'"
                            + shown(key)
                            + "' is no name of an option: names are letters, digits, '-' and '_',"
                            + " with dots between them");
        }
        return key.substring(begin, end);
    }

    private Object leaf(String key, Object value) throws BlockException {
        if (value instanceof Collection<?> collection) {
            return list(key, collection);
        }
        if (value != null && value.getClass().isArray()) {
            List<Object> elements = new ArrayList<>();
            for (int i = 0; i < Array.getLength(value); i++) {
                elements.add(Array.get(value, i));
            }
            return list(key, elements);
        }
        return scalar(key, value);
    }

    private List<Object> list(String key, Collection<?> elements) throws BlockException {
        int inner = depth + depthOf(key);
        if (inner > MAXIMUM_DEPTH) {
            throw tooDeep(key);
        }
        List<Object> list = new ArrayList<>(elements.size());
        for (Object element : elements) {
            String name = key + '.' + list.size();
            OptionTree tree = new OptionTree(inner);
            if (element instanceof Map<?, ?> map) {
                tree.putAll(map);
                list.add(tree.finish());
            } else {
                list.add(tree.leaf(name, element));
            }
        }
        return list;
    }

    private static Object scalar(String key, Object value) throws BlockException {
        if (value instanceof Long || value instanceof Double || value instanceof Boolean) {
            return value;
        }
        if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
            return ((Number) value).longValue();
        }
        if (value instanceof Float number) {
            return number.doubleValue();
        }
        if (value instanceof CharSequence || value instanceof Character) {
            return value.toString();
        }
        throw new BlockException(
                Reason.INVALID,
                "Option '"
                        + shown(key)
                        + "' is "
                        + (value == null ? "null" : "a " + value.getClass().getName())
                        + ": it has to be text, a number, a boolean, a list or a map");
    }

    private static Object withLists(String path, Object value) throws BlockException {
        if (!(value instanceof Map<?, ?>)) {
            return value;
        }
        Map<String, Object> map = asMap(value);
        int indexes = 0;
        for (Map.Entry<String, Object> entry : map.entrySet()) {
            entry.setValue(withLists(path + '.' + entry.getKey(), entry.getValue()));
            indexes += isIndex(entry.getKey()) ? 1 : 0;
        }
        if (indexes == 0) {
            return map;
        }
        List<Object> list = new ArrayList<>(map.size());
        for (int i = 0; i < map.size(); i++) {
            Object element = map.get(Integer.toString(i));
            if (element == null) {
                throw new BlockException(
                        Reason.INVALID,
                        indexes == map.size()
                                ? "Option '" + shown(path) + "." + i + "' of a list is missing"
                                : "Option '"
                                        + shown(path)
                                        + "' is given as a list and with names: it is one or the"
                                        + " other");
            }
            list.add(element);
        }
        return list;
    }

    private static boolean isIndex(String key) {
        return key.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static int depthOf(String key) {
        return 1 + (int) key.chars().filter(c -> c == '.').count();
    }

    private static BlockException both(String value, String prefix) {
        return new BlockException(
                Reason.INVALID,
                "Parameters '"
                        + shown(value)
                        + ".*' used inconsistently: '"
                        + shown(value)
                        + "' is given a value, and '"
                        + shown(prefix)
                        + "' makes it a group");
    }

    private static BlockException tooDeep(String key) {
        return new BlockException(
                Reason.INVALID,
                "Option '" + shown(key) + "' is nested deeper than " + MAXIMUM_DEPTH + " levels");
    }

    /** A name as messages show it: on one line, and not for pages. */
    static String shown(String text) {
        String line = text.replaceAll("\\p{Cntrl}", "?");
        return line.length() <= 100 ? line : line.substring(0, 97) + "...";
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> asMap(Object value) {
        return (Map<String, Object>) value;
    }
}
