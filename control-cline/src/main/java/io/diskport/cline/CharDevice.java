package io.diskport.cline;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A character device of the command line: where a monitor speaks. Nothing is opened before a
 * monitor uses it.
 *
 * @param id what monitors call it
 * @param address the option {@code addr} of a monitor on it
 * @param server whether it listens
 */
record CharDevice(String id, Map<String, Object> address, boolean server) {
    static final List<String> BACKENDS = List.of("socket", "stdio");

    private static final Pattern ID = Pattern.compile("[A-Za-z][A-Za-z0-9._-]*");

    /** What QEMU has as well, and what no monitor needs. */
    private static final List<String> OTHER_BACKENDS =
            List.of(
                    "file",
                    "memory",
                    "mux",
                    "null",
                    "parallel",
                    "pipe",
                    "pty",
                    "ringbuf",
                    "serial",
                    "udp");

    private static final Set<String> COMMON = Set.of("backend", "id");

    /** Heeded, or without meaning for us. */
    private static final Set<String> OF_SOCKET =
            Set.of("path", "host", "port", "server", "wait", "delay", "tight");

    private static final Set<String> OF_STDIO = Set.of("signal");

    /** What may only have the value that means that it is not wanted. */
    private static final Map<String, String> UNUSED =
            Map.of(
                    "telnet", "off",
                    "websocket", "off",
                    "tn3270", "off",
                    "abstract", "off",
                    "mux", "off",
                    "reconnect", "0");

    /** From the value of {@code --chardev}. */
    static CharDevice parse(String text) throws BlockException {
        Map<String, String> options = options(text);
        String id = options.getOrDefault("id", "");
        if (id.isEmpty()) {
            throw invalid("chardev: no id specified");
        }
        if (!ID.matcher(id).matches()) {
            throw invalid(
                    "Parameter 'id' expects an identifier: a letter, then letters, digits, '-', '.'"
                            + " and '_'");
        }
        String backend = options.getOrDefault("backend", "");
        if (backend.isEmpty()) {
            throw invalid("chardev: \"" + id + "\" missing backend: socket or stdio");
        }
        if (OTHER_BACKENDS.contains(backend)) {
            throw new BlockException(
                    Reason.UNSUPPORTED,
                    "a char device of kind '"
                            + backend
                            + "' is not for monitors: use socket or stdio");
        }
        if (!BACKENDS.contains(backend)) {
            throw invalid("'" + backend + "' is not a valid char driver name: use socket or stdio");
        }
        check(backend, options);
        return backend.equals("stdio")
                ? new CharDevice(id, Map.of("type", "stdio"), true)
                : socket(id, options);
    }

    private static CharDevice socket(String id, Map<String, String> options) throws BlockException {
        boolean server = isOn("server", options, false);
        isOn("wait", options, true);
        if (!server && options.containsKey("wait")) {
            throw invalid("'wait' option is incompatible with socket in client connect mode");
        }
        if (options.containsKey("path") == options.containsKey("host")) {
            throw invalid("one of 'path' and 'host' is required");
        }
        Map<String, Object> address = new LinkedHashMap<>();
        if (options.containsKey("path")) {
            address.put("type", "unix");
            address.put("path", options.get("path"));
            return new CharDevice(id, address, server);
        }
        if (!options.containsKey("port")) {
            throw invalid("chardev: socket: no port given");
        }
        address.put("type", "inet");
        if (!options.get("host").isEmpty()) {
            address.put("host", options.get("host"));
        }
        address.put("port", options.get("port"));
        return new CharDevice(id, address, server);
    }

    private static void check(String backend, Map<String, String> options) throws BlockException {
        Set<String> own = backend.equals("socket") ? OF_SOCKET : OF_STDIO;
        for (Map.Entry<String, String> option : options.entrySet()) {
            String name = option.getKey();
            if (COMMON.contains(name) || own.contains(name)) {
                continue;
            }
            if (!UNUSED.containsKey(name)) {
                throw invalid("Invalid parameter '" + name + "'");
            }
            if (!option.getValue().equals(UNUSED.get(name))) {
                throw new BlockException(
                        Reason.UNSUPPORTED,
                        "'%s=%s' is not supported for a monitor: leave it out"
                                .formatted(name, option.getValue()));
            }
        }
    }

    private static boolean isOn(String name, Map<String, String> options, boolean otherwise)
            throws BlockException {
        String value = options.getOrDefault(name, otherwise ? "on" : "off");
        if (!value.equals("on") && !value.equals("off")) {
            throw invalid("Parameter '" + name + "' expects 'on' or 'off'");
        }
        return value.equals("on");
    }

    /** As QEMU reads them: of a name given twice the last counts, a name alone is on or off. */
    private static Map<String, String> options(String text) throws BlockException {
        Map<String, String> options = new LinkedHashMap<>();
        boolean first = true;
        for (String element : Step.elements(text)) {
            int equals = element.indexOf('=');
            if (equals > 0) {
                options.put(
                        element.substring(0, equals),
                        element.substring(equals + 1).replace(",,", ","));
            } else if (first) {
                options.put("backend", element);
            } else if (element.isEmpty() || equals == 0) {
                throw invalid("'" + element + "' is no option: write NAME=VALUE");
            } else if (element.startsWith("no")) {
                options.put(element.substring(2), "off");
            } else {
                options.put(element, "on");
            }
            first = false;
        }
        return options;
    }

    private static BlockException invalid(String message) {
        return new BlockException(Reason.INVALID, message);
    }
}
