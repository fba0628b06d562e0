package io.diskport.core.options;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Options as text: {@code key=value,key.sub=value} or a JSON object, from and to nested maps.
 *
 * <p>The leaves of a nested map are String, Long, Double, Boolean and List; its keys have no dots.
 */
public final class OptionText {
    private static final List<String> FOREIGN =
            List.of("service.", "component.", "felix.", "osgi.", ".");

    private OptionText() {}

    /**
     * The options of one text.
     *
     * @param impliedKey the key of a first element that has none, or empty
     */
    public static Map<String, Object> parse(String text, String impliedKey) throws BlockException {
        return parse(List.of(text), impliedKey);
    }

    /** The options of several texts together; only the first can begin with the implied key. */
    public static Map<String, Object> parse(List<String> texts, String impliedKey)
            throws BlockException {
        OptionTree tree = new OptionTree();
        String implied = impliedKey;
        for (String text : texts) {
            if (text.stripLeading().startsWith("{")) {
                tree.putAll(new JsonReader(text).object());
            } else {
                parseList(text, implied, tree);
            }
            implied = "";
        }
        return tree.finish();
    }

    /** The nested form of options that may have dotted names, and values of any simple type. */
    public static Map<String, Object> normalize(Map<String, ?> options) throws BlockException {
        OptionTree tree = new OptionTree();
        tree.putAll(options);
        return tree.finish();
    }

    /** The options in a configuration's properties: those that the framework adds left out. */
    public static Map<String, Object> ofConfiguration(Map<String, ?> properties)
            throws BlockException {
        Map<String, Object> options = new LinkedHashMap<>(properties);
        options.keySet().removeIf(OptionText::isForeign);
        return normalize(options);
    }

    /** Whether a configuration's key belongs to the framework and is no option. */
    public static boolean isForeign(String key) {
        return FOREIGN.stream().anyMatch(key::startsWith);
    }

    /** Options by their dotted names, with values as they would be typed, for people. */
    public static Map<String, String> flatten(Map<String, ?> options) {
        Map<String, String> flat = new LinkedHashMap<>();
        options.forEach((key, value) -> flatten(key, value, flat));
        return flat;
    }

    private static void flatten(String path, Object value, Map<String, String> flat) {
        if (value instanceof Map<?, ?> map) {
            map.forEach((key, inner) -> flatten(path + '.' + key, inner, flat));
        } else if (value instanceof List<?> list && !list.isEmpty()) {
            for (int i = 0; i < list.size(); i++) {
                flatten(path + '.' + i, list.get(i), flat);
            }
        } else {
            flat.put(path, typed(value));
        }
    }

    /** A leaf as it would be typed. */
    static String typed(Object value) {
        if (value instanceof Boolean on) {
            return on ? "on" : "off";
        }
        return value instanceof List<?> list && list.isEmpty() ? "" : String.valueOf(value);
    }

    private static void parseList(String text, String impliedKey, OptionTree tree)
            throws BlockException {
        int at = 0;
        boolean first = true;
        while (at < text.length()) {
            int end = endOfElement(text, at);
            int equals = text.indexOf('=', at);
            if (equals >= 0 && equals < firstComma(text, at)) {
                tree.put(text.substring(at, equals), unescape(text.substring(equals + 1, end)));
            } else if (first && end > at && !impliedKey.isEmpty()) {
                tree.put(impliedKey, unescape(text.substring(at, end)));
            } else {
                throw new BlockException(
                        Reason.INVALID,
                        "Expected '=' after parameter '"
                                + OptionTree.shown(text.substring(at, end))
                                + "': write NAME=VALUE, and a comma inside a value twice");
            }
            first = false;
            at = end + 1;
        }
    }

    private static int firstComma(String text, int from) {
        int comma = text.indexOf(',', from);
        return comma < 0 ? text.length() : comma;
    }

    /** The index of the comma that ends the element, doubled ones skipped, or of the text's end. */
    private static int endOfElement(String text, int from) {
        int at = from;
        while (at < text.length()) {
            if (text.charAt(at) == ',') {
                if (at + 1 == text.length() || text.charAt(at + 1) != ',') {
                    return at;
                }
                at++;
            }
            at++;
        }
        return text.length();
    }

    private static String unescape(String value) {
        return value.replace(",,", ",");
    }
}
