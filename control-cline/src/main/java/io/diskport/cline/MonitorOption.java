package io.diskport.cline;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The value of {@code --monitor}.
 *
 * @param id the object's id; the char device's with a word before it where none is given
 * @param chardev the id of the char device it speaks on
 * @param pretty whether its answers have line breaks
 */
record MonitorOption(String id, String chardev, boolean pretty) {
    private static final Set<String> KNOWN = Set.of("chardev", "id", "mode", "pretty");

    /** From parsed options. */
    static MonitorOption of(Map<String, Object> options) throws BlockException {
        for (String name : options.keySet()) {
            if (!KNOWN.contains(name)) {
                throw invalid("Parameter '" + name + "' is unexpected");
            }
        }
        String chardev = text(options, "chardev", "");
        if (chardev.isEmpty()) {
            throw invalid("Parameter 'chardev' is missing");
        }
        String mode = text(options, "mode", "control");
        if (mode.equals("readline")) {
            throw invalid("Only QMP is supported: leave mode=readline out");
        }
        if (!mode.equals("control")) {
            throw invalid("Parameter 'mode' does not accept value '" + mode + "'");
        }
        return new MonitorOption(
                text(options, "id", "monitor-" + chardev), chardev, isOn(options, "pretty"));
    }

    /** The options of the object that is the monitor. */
    Map<String, Object> object(CharDevice device) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("qom-type", "qmp-monitor");
        object.put("id", id);
        object.put("addr", device.address());
        object.put("server", device.server());
        object.put("pretty", pretty);
        return object;
    }

    private static String text(Map<String, Object> options, String name, String otherwise)
            throws BlockException {
        Object value = options.getOrDefault(name, otherwise);
        if (value instanceof String text) {
            return text;
        }
        throw invalid("Invalid parameter type for '" + name + "', expected: string");
    }

    private static boolean isOn(Map<String, Object> options, String name) throws BlockException {
        Object value = options.getOrDefault(name, false);
        if (value instanceof Boolean on) {
            return on;
        }
        if ("on".equals(value) || "off".equals(value)) {
            return "on".equals(value);
        }
        throw invalid("Parameter '" + name + "' expects 'on' or 'off'");
    }

    private static BlockException invalid(String message) {
        return new BlockException(Reason.INVALID, message);
    }
}
