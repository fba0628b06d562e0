package io.diskport.qmp;

import io.diskport.api.BlockException;
import io.diskport.api.export.ShutdownMode;
import io.diskport.api.manage.ExportEntry;
import io.diskport.api.manage.ExportManager;
import io.diskport.api.manage.NodeEntry;
import io.diskport.api.manage.NodeManager;
import io.diskport.api.manage.ObjectEntry;
import io.diskport.api.manage.ObjectManager;
import io.diskport.qmp.Shape.Member;
import io.diskport.qmp.Shape.Struct;
import io.diskport.qmp.Shape.Variants;
import io.diskport.qmp.Shape.Words;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The commands about the NBD server, which are older than exports and objects: to core it is an
 * object like others, of which these commands know one.
 */
final class NbdCommands {
    /** The type and, of the one that is started here, the id of the object. */
    static final String SERVER = "nbd-server";

    private static final String ADDR = "addr";
    private static final String DATA = "data";
    private static final String TYPE = "type";
    private static final String DEVICE = "device";
    private static final String NAME = "name";
    private static final String DESCRIPTION = "description";
    private static final String WRITABLE = "writable";
    private static final String BITMAP = "bitmap";
    private static final String TLS_CREDS = "tls-creds";
    private static final String TLS_AUTHZ = "tls-authz";
    private static final String MAX_CONNECTIONS = "max-connections";

    private static final long STOP_MILLIS = 12_000;

    private static final Map<String, Struct> ADDRESSES =
            Map.of(
                    "inet",
                    Struct.of(
                            Member.required(
                                    DATA,
                                    Struct.of(
                                            Member.required("host", Shape.STRING),
                                            Member.required("port", Shape.STRING),
                                            Member.optional("numeric", Shape.BOOLEAN)))),
                    "unix",
                    Struct.of(
                            Member.required(
                                    DATA, Struct.of(Member.required("path", Shape.STRING)))));

    private static final Struct ADDRESS =
            new Struct(
                    List.of(Member.required(TYPE, Words.of("inet", "unix"))),
                    new Variants(TYPE, List.of("inet", "unix"), ADDRESSES::get));

    private final ExportManager exports;
    private final NodeManager nodes;
    private final ObjectManager objects;
    private final ExportCommands forExports;

    NbdCommands(
            ExportManager exports,
            NodeManager nodes,
            ObjectManager objects,
            ExportCommands forExports) {
        this.exports = exports;
        this.nodes = nodes;
        this.objects = objects;
        this.forExports = forExports;
    }

    List<Command> all() {
        return List.of(
                SimpleCommand.of(
                        "nbd-server-start",
                        Struct.of(
                                Member.required(ADDR, ADDRESS),
                                Member.optional(TLS_CREDS, Shape.STRING),
                                Member.optional(TLS_AUTHZ, Shape.STRING),
                                Member.optional(MAX_CONNECTIONS, Shape.INTEGER)),
                        this::start),
                SimpleCommand.of(
                        "nbd-server-add",
                        Struct.of(
                                Member.optional(NAME, Shape.STRING),
                                Member.optional(DESCRIPTION, Shape.STRING),
                                Member.required(DEVICE, Shape.STRING),
                                Member.optional(WRITABLE, Shape.BOOLEAN),
                                Member.optional(BITMAP, Shape.STRING)),
                        this::add),
                SimpleCommand.of(
                        "nbd-server-remove",
                        Struct.of(
                                Member.required(NAME, Shape.STRING),
                                Member.optional("mode", ExportCommands.MODES)),
                        this::remove),
                SimpleCommand.of("nbd-server-stop", Shape.EMPTY, call -> stop()));
    }

    /** Whether an export can only be where a server is. */
    static boolean needsServer(Map<String, Object> export) {
        return "nbd".equals(export.get(TYPE)) && !export.containsKey("server");
    }

    static boolean hasServer(ObjectManager objects) {
        return objects.list().stream().anyMatch(object -> object.type().equals(SERVER));
    }

    private Object start(Call call) throws QmpException, BlockException {
        if (hasServer(objects)) {
            throw new QmpException("NBD server already running");
        }
        String credentials = call.text(TLS_CREDS);
        if (!credentials.isEmpty() && objects.find(credentials).isEmpty()) {
            throw new QmpException("No TLS credentials with id '" + credentials + "'");
        }
        Map<String, Object> options = new LinkedHashMap<>(call.arguments());
        options.put("qom-type", SERVER);
        options.put("id", SERVER);
        options.put(ADDR, address(Request.asObject(options.get(ADDR))));
        objects.add(options);
        return Command.NOTHING;
    }

    /** An address as objects have it: without the level of nesting, and the port a number. */
    private static Map<String, Object> address(Map<String, Object> given) throws QmpException {
        Map<String, Object> address = new LinkedHashMap<>(Request.asObject(given.get(DATA)));
        address.put(TYPE, given.get(TYPE));
        address.remove("numeric");
        if (address.get("port") instanceof String port) {
            try {
                address.put("port", Long.parseLong(port));
            } catch (NumberFormatException e) {
                throw new QmpException(
                        "Parameter 'addr.data.port' expects a number, not '" + port + "'");
            }
        }
        return address;
    }

    private Object add(Call call) throws QmpException, BlockException {
        String device = call.text(DEVICE);
        String name = call.text(NAME).isEmpty() ? device : call.text(NAME);
        Optional<NodeEntry> node = nodes.find(device);
        if (node.isEmpty()) {
            throw NodeCommands.notFound(device, device);
        }
        if (!call.text(BITMAP).isEmpty()) {
            throw new QmpException("Bitmap '" + call.text(BITMAP) + "' is not found");
        }
        Map<String, Object> options = new LinkedHashMap<>();
        options.put(TYPE, "nbd");
        options.put("id", name);
        options.put("node-name", device);
        options.put(NAME, name);
        // As this command always has, unlike block-export-add.
        options.put(WRITABLE, call.is(WRITABLE) && !node.get().readOnly());
        if (!call.text(DESCRIPTION).isEmpty()) {
            options.put(DESCRIPTION, call.text(DESCRIPTION));
        }
        return forExports.add(options);
    }

    private Object remove(Call call) throws QmpException, BlockException {
        String id = call.text(NAME);
        boolean other = exports.find(id).filter(export -> !export.type().equals("nbd")).isPresent();
        if (other) {
            throw new QmpException("Block export '" + id + "' is not an NBD export");
        }
        return forExports.delete(call, id);
    }

    private Object stop() throws QmpException, BlockException {
        List<String> servers =
                objects.list().stream()
                        .filter(object -> object.type().equals(SERVER))
                        .map(ObjectEntry::id)
                        .toList();
        if (servers.isEmpty()) {
            throw new QmpException("NBD server not running");
        }
        String server = servers.contains(SERVER) ? SERVER : servers.get(0);
        if (servers.size() > 1 && !servers.contains(SERVER)) {
            throw new QmpException(
                    "There are several NBD servers: "
                            + String.join(", ", servers)
                            + "; end their exports with block-export-del, and one with object-del");
        }
        endExports(server);
        objects.delete(server);
        return Command.NOTHING;
    }

    /** Ends all exports of a server, at once; their events come in order. */
    private void endExports(String server) {
        List<String> ending = new ArrayList<>();
        for (ExportEntry export : exports.list()) {
            if (export.type().equals("nbd")
                    && server.equals(export.options().getOrDefault("server", server))) {
                ending.add(export.id());
            }
        }
        Events.Order order = forExports.events().inOrder(ending);
        try (order) {
            List<Background> endings = new ArrayList<>();
            for (String id : ending) {
                endings.add(
                        new Background(
                                "qmp-end-" + id,
                                () -> forExports.deleteAndTell(id, ShutdownMode.HARD)));
            }
            for (Background one : endings) {
                one.await(STOP_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
