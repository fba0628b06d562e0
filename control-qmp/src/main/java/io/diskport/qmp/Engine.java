package io.diskport.qmp;

import io.diskport.api.manage.DriverManager;
import io.diskport.api.manage.ExportEntry;
import io.diskport.api.manage.ExportManager;
import io.diskport.api.manage.NodeEntry;
import io.diskport.api.manage.NodeManager;
import io.diskport.api.manage.ObjectManager;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What all monitors share: the commands, the events, and the way to end the daemon. */
final class Engine implements AutoCloseable {
    /** The daemon, as far as monitors have to do with it. */
    interface Daemon {
        /** Its version: major, minor, micro. */
        List<Integer> version();

        /** Begins to end it. Does not wait. */
        void end();

        /** Whether it is ending. */
        boolean isEnding();
    }

    private static final long FAREWELL_MILLIS = 2000;

    private final Daemon daemon;
    private final Events events;
    private final Arrivals<ExportEntry> exportArrivals;
    private final Arrivals<NodeEntry> nodeArrivals;
    private final Commands commands;
    private final List<QmpMonitor> ending = new CopyOnWriteArrayList<>();

    Engine(
            Daemon daemon,
            ExportManager exports,
            NodeManager nodes,
            ObjectManager objects,
            DriverManager drivers) {
        this.daemon = daemon;
        this.events = new Events(exports, daemon::isEnding);
        this.exportArrivals = new Arrivals<>(exports);
        this.nodeArrivals = new Arrivals<>(nodes);
        this.commands = new Commands(daemon, drivers);
        ExportCommands forExports =
                new ExportCommands(exports, nodes, objects, events, exportArrivals);
        commands.add(new MonitorCommands(commands, daemon, events).all());
        commands.add(new NodeCommands(nodes, nodeArrivals).all());
        commands.add(forExports.all());
        commands.add(new NbdCommands(exports, nodes, objects, forExports).all());
        commands.add(new ObjectCommands(objects, drivers).all());
    }

    Commands commands() {
        return commands;
    }

    Events events() {
        return events;
    }

    boolean isEnding() {
        return daemon.isEnding();
    }

    /** Something of a monitor that was closed goes on until its client has heard everything. */
    void farewell(QmpMonitor monitor) {
        ending.add(monitor);
    }

    @Override
    public void close() throws Exception {
        for (QmpMonitor monitor : ending) {
            monitor.awaitFarewell(FAREWELL_MILLIS);
        }
        events.close();
        exportArrivals.close();
        nodeArrivals.close();
    }
}
