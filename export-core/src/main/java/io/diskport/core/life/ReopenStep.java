package io.diskport.core.life;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.node.BlockLimits;
import io.diskport.api.node.NodeSettings;
import io.diskport.core.io.NodeLink;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One node that gets other options while its requests are parked. */
final class ReopenStep {
    private final Graph graph;
    private final NodeItem item;
    private final NodeRun run;
    private final Map<String, Object> options;
    private final NodeItem.Bound before;
    private final NodeItem.Bound now;
    private final BlockLimits limits;
    private final long length;
    private final List<Exchange> exchanges;
    private final List<Exchange> exchanged = new ArrayList<>();
    private boolean driverChanged;

    /** Reads both options and checks them as far as their records tell. */
    ReopenStep(
            Graph graph,
            NodeItem item,
            NodeRun run,
            Map<String, Object> optionsBefore,
            Map<String, Object> options,
            List<Exchange> exchanges)
            throws BlockException {
        this.graph = graph;
        this.item = item;
        this.run = run;
        this.options = options;
        this.before = item.bind(run.driver(), optionsBefore);
        this.now = item.bind(run.driver(), options);
        this.limits = run.node.limits();
        this.length = run.node.length();
        this.exchanges = exchanges;
    }

    NodeItem item() {
        return item;
    }

    NodeRun run() {
        return run;
    }

    void perform() throws BlockException {
        NodeSettings settings = now.settings();
        if (settings.readOnly()) {
            refuseWriters();
        }
        for (Exchange exchange : exchanges) {
            exchanged.add(exchange);
            exchange.perform();
        }
        if (concernsDriver()) {
            changeDriver();
        }
        run.io.settings(settings);
        run.io.limitsChanged();
        if (run.io.readOnly()) {
            refuseWriters();
        }
        long length = run.node.length();
        Optional<NodeLink> beyond = run.keeper.beyond(length);
        if (beyond.isPresent()) {
            throw new BlockException(
                    Reason.IN_USE,
                    item.nameAtStart()
                            + " is not reopened with "
                            + length
                            + " bytes: "
                            + beyond.get().user()
                            + " stands on more");
        }
        if (settings.forceShare() != before.settings().forceShare()) {
            run.keeper.refresh();
        }
    }

    private boolean concernsDriver() {
        NodeSettings old = before.settings();
        NodeSettings settings = now.settings();
        return !now.own().equals(before.own())
                || settings.readOnly() != old.readOnly()
                || settings.autoReadOnly() != old.autoReadOnly()
                || settings.cache().direct() != old.cache().direct();
    }

    private void changeDriver() throws BlockException {
        try {
            run.driver()
                    .nodes()
                    .reopen(
                            run.node,
                            new NodeRunContext(graph, run, now.settings()).closed(),
                            now.own());
            driverChanged = true;
        } catch (BlockException e) {
            // That nothing is written any more core sees to.
            boolean ownSame = now.own().equals(before.own());
            boolean directSame =
                    now.settings().cache().direct() == before.settings().cache().direct();
            boolean stays = now.settings().readOnly() || !before.settings().readOnly();
            if (e.reason() != Reason.UNSUPPORTED || !ownSame || !directSame || !stays) {
                throw e;
            }
        }
    }

    private void refuseWriters() throws BlockException {
        Optional<NodeLink> writer = run.keeper.writer();
        if (writer.isPresent()) {
            throw new BlockException(
                    Reason.IN_USE,
                    "Read-only block "
                            + item.name()
                            + " cannot support read-write users: "
                            + writer.get().user()
                            + " writes to it");
        }
    }

    /** Goes back, as far as that can be had. */
    void undo() {
        run.io.settings(before.settings());
        // The driver goes back to what is there again.
        exchanged.forEach(Exchange::undo);
        try {
            if (driverChanged) {
                run.driver()
                        .nodes()
                        .reopen(
                                run.node,
                                new NodeRunContext(graph, run, before.settings()).closed(),
                                before.own());
                run.io.limitsChanged();
            }
            if (now.settings().forceShare() != before.settings().forceShare()) {
                run.keeper.refresh();
            }
        } catch (BlockException | RuntimeException | LinkageError e) {
            graph.log().log(
                    Level.WARNING,
                    item.nameAtStart() + " could not get back its options: " + e.getMessage());
        }
    }

    /** Notes the options, and tells the users; requests go on already. */
    void settle() {
        Map<String, Object> shown = item.shown(run.driver(), options);
        synchronized (graph.lock()) {
            item.options = options;
            item.shown = shown;
        }
        exchanged.forEach(Exchange::settle);
        if (!run.node.limits().equals(limits)) {
            run.keeper.limitsChanged();
        }
        if (run.node.length() != length) {
            run.keeper.lengthChanged(run.node.length());
        }
        graph.changes().changed(item);
    }
}
