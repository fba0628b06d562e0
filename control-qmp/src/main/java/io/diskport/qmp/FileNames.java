package io.diskport.qmp;

import io.diskport.api.manage.NodeEntry;
import io.diskport.qmp.json.JsonText;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What stands for a node where QEMU tells a file's name: the name, if there is a plain file with
 * nothing to say of what is between; else the node's definition in JSON.
 */
final class FileNames {
    private static final String JSON = "json:";
    private static final String DRIVER = "driver";
    private static final String FILE = "file";
    private static final String FILENAME = "filename";

    /** Options that do not change what the node's content is. */
    private static final Set<String> IRRELEVANT =
            Set.of(
                    "node-name",
                    "read-only",
                    "auto-read-only",
                    "discard",
                    "detect-zeroes",
                    "force-share",
                    "cache",
                    "locking",
                    "aio");

    private static final Set<String> URI_OPTIONS = Set.of(DRIVER, "server", "export");
    private static final Set<String> NULL_DRIVERS = Set.of("null-co", "null-aio");

    private final Map<String, NodeEntry> nodes = new HashMap<>();

    FileNames(List<NodeEntry> all) {
        all.forEach(node -> nodes.put(node.id(), node));
    }

    /** Whether a name is one of a file. */
    static boolean isPlain(String name) {
        return !name.startsWith(JSON) && !name.contains("://");
    }

    String of(NodeEntry node) {
        Map<String, Object> content = content(node);
        if (content.get(FILENAME) instanceof String name && content.size() == 2) {
            return name;
        }
        boolean onlyPasses = "raw".equals(node.type()) && content.size() == 2;
        if (onlyPasses && child(node, content.get(FILE)) instanceof NodeEntry child) {
            return of(child);
        }
        if (NULL_DRIVERS.contains(node.type()) && content.size() == 1) {
            return node.type() + "://";
        }
        if ("nbd".equals(node.type())) {
            return uri(content).orElseGet(() -> JSON + JsonText.of(definition(node)));
        }
        return JSON + JsonText.of(definition(node));
    }

    /** The address of an NBD node that stands for all its options. */
    private static Optional<String> uri(Map<String, Object> content) {
        if (!(content.get("server") instanceof Map<?, ?> server)) {
            return Optional.empty();
        }
        if (!URI_OPTIONS.containsAll(content.keySet())) {
            return Optional.empty();
        }
        String export = content.getOrDefault("export", "").toString();
        String name = export.isEmpty() ? "" : "/" + export;
        return "unix".equals(server.get("type"))
                ? Optional.of("nbd+unix://" + name + "?socket=" + server.get("path"))
                : Optional.of("nbd://" + server.get("host") + ":" + server.get("port") + name);
    }

    /** The options that say what the content is, the driver among them. */
    private static Map<String, Object> content(NodeEntry node) {
        Map<String, Object> content = new LinkedHashMap<>(node.options());
        content.put(DRIVER, node.type());
        content.keySet().removeAll(IRRELEVANT);
        return content;
    }

    private Object child(NodeEntry node, Object name) {
        return name instanceof String text && node.children().contains(text)
                ? nodes.get(text)
                : null;
    }

    /** The definition with those of the nodes that it stands on in place of their names. */
    private Map<String, Object> definition(NodeEntry node) {
        Map<String, Object> definition = content(node);
        definition.replaceAll(
                (option, value) ->
                        child(node, value) instanceof NodeEntry child ? definition(child) : value);
        return definition;
    }
}
