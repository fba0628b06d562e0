package io.diskport.qmp;

import io.diskport.api.BlockException;
import io.diskport.api.manage.Kind;
import io.diskport.api.manage.NodeEntry;
import io.diskport.api.manage.NodeManager;
import io.diskport.qmp.Shape.Array;
import io.diskport.qmp.Shape.Member;
import io.diskport.qmp.Shape.Struct;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The commands about nodes. */
final class NodeCommands {
    private static final String NODE_NAME = "node-name";
    private static final String DEVICE = "device";
    private static final String SIZE = "size";

    private final NodeManager nodes;
    private final Arrivals<NodeEntry> arrivals;

    NodeCommands(NodeManager nodes, Arrivals<NodeEntry> arrivals) {
        this.nodes = nodes;
        this.arrivals = arrivals;
    }

    List<Command> all() {
        return List.of(
                SimpleCommand.of(
                        "query-block",
                        Shape.EMPTY,
                        new Array(NodeReport.DEVICE),
                        call -> List.of()),
                SimpleCommand.of(
                        "block_resize",
                        Struct.of(
                                Member.optional(DEVICE, Shape.STRING),
                                Member.optional(NODE_NAME, Shape.STRING),
                                Member.required(SIZE, Shape.INTEGER)),
                        this::resize),
                SimpleCommand.of(
                        "query-named-block-nodes",
                        Struct.of(Member.optional("flat", Shape.BOOLEAN)),
                        new Array(NodeReport.NODE),
                        call -> report()),
                new SimpleCommand(
                        "blockdev-add",
                        vocabulary -> vocabulary.union(Kind.NODE),
                        vocabulary -> Shape.EMPTY,
                        this::add),
                new SimpleCommand(
                        "blockdev-reopen",
                        vocabulary ->
                                Struct.of(
                                        Member.required(
                                                "options", new Array(vocabulary.union(Kind.NODE)))),
                        vocabulary -> Shape.EMPTY,
                        this::reopen),
                SimpleCommand.of(
                        "blockdev-del",
                        Struct.of(Member.required(NODE_NAME, Shape.STRING)),
                        this::delete));
    }

    private Object add(Call call) throws QmpException, BlockException {
        if (call.text(NODE_NAME).isEmpty()) {
            throw new QmpException("'node-name' must be specified for the root node");
        }
        arrivals.came(nodes.add(call.arguments()).id());
        return Command.NOTHING;
    }

    private Object reopen(Call call) throws QmpException, BlockException {
        List<Map<String, Object>> definitions = new ArrayList<>();
        for (Object definition : (List<?>) call.arguments().get("options")) {
            Map<String, Object> options = Request.asObject(definition);
            if (!options.containsKey(NODE_NAME)) {
                throw new QmpException("node-name not specified");
            }
            definitions.add(options);
        }
        nodes.reopen(definitions);
        return Command.NOTHING;
    }

    private Object delete(Call call) throws BlockException {
        nodes.delete(call.text(NODE_NAME));
        return Command.NOTHING;
    }

    private Object resize(Call call) throws QmpException, BlockException {
        String name = call.text(NODE_NAME);
        if (nodes.find(name).isEmpty()) {
            throw notFound(call.text(DEVICE), name);
        }
        nodes.resize(name, (Long) call.arguments().get(SIZE));
        return Command.NOTHING;
    }

    static QmpException notFound(String device, String nodeName) {
        return new QmpException(
                "Cannot find device='" + device + "' nor node-name='" + nodeName + "'");
    }

    private List<Object> report() {
        List<NodeEntry> all = nodes.list();
        NodeReport report = new NodeReport(all);
        return arrivals.newestFirst(all).stream()
                .filter(node -> node.length() >= 0)
                .<Object>map(report::of)
                .toList();
    }
}
