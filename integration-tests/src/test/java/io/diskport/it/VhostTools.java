package io.diskport.it;

import java.nio.file.Path;
import java.time.Duration;

/** Exports of type vhost-user-blk, and front-ends for them that need no guest. */
final class VhostTools {
    static final String DRIVER = "driver-vhost-user-blk.jar";

    private VhostTools() {}

    static void need() {
        Require.tool("python3", "python3");
    }

    /** Asks for a writable export of the node, with its name as the export's id. */
    static void desire(Site site, String node, Path socket, String... more) {
        String[] lines = new String[more.length + 3];
        lines[0] = "node-name = " + node;
        lines[1] = "addr.type = unix";
        lines[2] = "addr.path = " + socket;
        System.arraycopy(more, 0, lines, 3, more.length);
        site.desireExport(node, "vhost-user-blk", lines);
    }

    /** Adds a writable export of the node. */
    static void add(Shell shell, String id, String node, Path socket, String... more) {
        shell.perform(addition(id, node, socket) + " writable=on " + String.join(" ", more));
    }

    static String addition(String id, String node, Path socket) {
        return "export-add vhost-user-blk id=%s node-name=%s addr.type=unix addr.path=%s"
                .formatted(id, node, socket);
    }

    static void awaitRunning(Daemon daemon, int said, String export, Duration deadline) {
        daemon.awaitLog(said, "Export '" + export + "' (vhost-user-blk) is running", deadline);
    }

    /** A front-end that stays until its input ends. */
    static Client connect(Bench bench, Path socket) {
        Client client = frontEnd(bench, socket);
        client.awaitOutput("connected\n", Daemon.START);
        return client;
    }

    /** The same, which may have to wait. */
    static Client frontEnd(Bench bench, Path socket) {
        return bench.client(NbdTools.client("front_end.py", socket));
    }

    /** Ends a front-end's input, and answers with what it says last: kept, or dropped. */
    static String end(Client client, Duration deadline) {
        client.go();
        String said = client.await(deadline).ok().strip();
        return said.substring(said.lastIndexOf('\n') + 1);
    }
}
