package io.diskport.core.life;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.manage.Kind;
import io.diskport.api.node.NodeSettings;
import io.diskport.api.object.IoThread;
import io.diskport.api.options.NodeRef;
import io.diskport.api.options.ObjectRef;
import io.diskport.api.options.Option;
import io.diskport.core.options.OptionSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The options that every export, node or object has, whatever its driver. */
final class CommonOptions {
    static final String ID = "id";
    static final String NODE_NAME = "node-name";

    private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9._-]*");
    private static final int LONGEST_NAME = 127;

    private CommonOptions() {}

    /** Of every export; named as in QEMU's BlockExportOptions. */
    record OfExport(
            @Option(description = "the type of the export", example = "fuse") String type,
            @Option(description = "the export's id", example = "disk") String id,
            @Option(description = "the node to export", example = "disk") NodeRef nodeName,
            @Option(description = "whether clients may write", defaultValue = "off")
                    boolean writable,
            @Option(
                            description = "whether a write is on stable storage when acknowledged",
                            defaultValue = "off")
                    boolean writethrough,
            @Option(description = "the pool of workers to run on")
                    Optional<ObjectRef<IoThread>> iothread) {}

    /** Of every node. */
    record OfNode(
            @Option(description = "the driver of the node", example = "file") String driver,
            @Option(description = "the node's name", example = "disk") String nodeName) {}

    /** Of every object. */
    record OfObject(
            @Option(description = "the type of the object", example = "secret", name = "qom-type")
                    String qomType,
            @Option(description = "the object's id", example = "sec0") String id) {}

    /** The key of the type, which is also what a first word without a key means. */
    static String typeKey(Kind kind) {
        return switch (kind) {
            case EXPORT -> "type";
            case NODE -> "driver";
            case OBJECT -> "qom-type";
        };
    }

    /** The key of the id. */
    static String idKey(Kind kind) {
        return kind == Kind.NODE ? NODE_NAME : ID;
    }

    /** All the records that the options of a driver's products are for. */
    static List<Class<? extends Record>> types(DriverRef driver) {
        List<Class<? extends Record>> types = new ArrayList<>(common(driver.identity().kind()));
        types.add(driver.optionsType());
        return List.copyOf(types);
    }

    /** The records that the options of all of a kind are for. */
    static List<Class<? extends Record>> common(Kind kind) {
        return switch (kind) {
            case EXPORT -> List.of(OfExport.class);
            case NODE -> List.of(OfNode.class, NodeSettings.class);
            case OBJECT -> List.of(OfObject.class);
        };
    }

    static Map<String, Object> withoutSecrets(
            Map<String, Object> options, List<Class<? extends Record>> types)
            throws BlockException {
        return OptionSchema.withoutSecrets(options, types);
    }

    /** The text of an option that has to be there. */
    static String text(Kind kind, Map<String, Object> options, String key) throws BlockException {
        Object value = options.get(key);
        if (value instanceof String || value instanceof Number) {
            return value.toString();
        }
        if (value != null) {
            throw new BlockException(
                    Reason.INVALID, "Invalid parameter type for '" + key + "', expected: string");
        }
        throw missing(kind, key);
    }

    /** An option is missing that every one of a kind has. */
    static BlockException missing(Kind kind, String key) {
        return new BlockException(
                Reason.INVALID,
                key.equals(NODE_NAME) && kind == Kind.NODE
                        ? "'node-name' must be specified for the root node"
                        : "Parameter '" + key + "' is missing: every " + kind + " has one");
    }

    /** In QEMU's words: there is no driver of a type. */
    static String notAccepted(Kind kind, String type, String why) {
        return "Parameter '" + typeKey(kind) + "' does not accept value '" + type + "': " + why;
    }

    /** An id or node-name from the options. */
    static String id(Kind kind, Map<String, Object> options) throws BlockException {
        String id = text(kind, options, idKey(kind));
        if (!NAME.matcher(id).matches() || id.length() > LONGEST_NAME) {
            throw new BlockException(
                    Reason.INVALID,
                    switch (kind) {
                                case EXPORT -> "Invalid block export id '" + id;
                                case NODE -> "Invalid node-name: '" + id;
                                case OBJECT -> "Parameter 'id' expects an identifier, not '" + id;
                            }
                            + "': it begins with a letter, letters, digits, '-', '.' and '_'"
                            + " follow, "
                            + LONGEST_NAME
                            + " at the most");
        }
        return id;
    }
}
