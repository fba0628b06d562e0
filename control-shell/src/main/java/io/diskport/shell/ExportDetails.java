package io.diskport.shell;

import io.diskport.api.BlockException;
import io.diskport.api.export.Latency;
import io.diskport.api.export.RequestStats;
import io.diskport.api.manage.BlockStats;
import io.diskport.api.manage.ClientEntry;
import io.diskport.api.manage.ExportEntry;
import io.diskport.api.manage.ExportManager;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Shows everything of one export: {@code export-info}. */
@Component(
        service = Command.class,
        property = {Command.SCOPE, Command.NAME + "export-info"})
public final class ExportDetails extends Command {
    private static final Manual MANUAL =
            new Manual(
                    "export-info",
                    "show everything of one export",
                    List.of("ID [-b]"),
                    """
                    Its options, its counters since it was added, those of each operation of its
                    protocol where its driver counts them, and its clients.

                      -b  sizes in bytes
                    """,
                    List.of("export-info disk"));

    private final ExportManager exports;

    @Activate
    public ExportDetails(@Reference ExportManager exports) {
        super(MANUAL, Set.of("-b"), Set.of());
        this.exports = exports;
    }

    @Override
    void run(Words words, Screen screen) throws BlockException {
        String id = words.operand("ID");
        boolean exact = words.has("-b");
        ExportEntry export = exports.find(id).orElseThrow(() -> unknown(id));
        screen.print(fields(export));
        screen.print("\n");
        screen.print(counters(export.stats(), exact));
        List<RequestStats> occurred =
                export.info().requests().stream().filter(ExportDetails::occurred).toList();
        if (!occurred.isEmpty()) {
            screen.print("\n");
            screen.print(operations(occurred));
        }
        if (!export.clients().isEmpty()) {
            screen.print("\n");
            screen.print(clients(export.clients(), exact));
        }
    }

    private BlockException unknown(String id) {
        String known =
                exports.list().stream().map(ExportEntry::id).collect(Collectors.joining(", "));
        return new BlockException(
                BlockException.Reason.NOT_FOUND,
                "there is no export '%s'; there %s"
                        .formatted(id, known.isEmpty() ? "is none at all" : "are: " + known));
    }

    private static String fields(ExportEntry export) {
        StringBuilder text = new StringBuilder();
        field(text, "export", export.id());
        field(text, "type", export.type());
        field(text, "node", export.nodeName());
        field(text, "access", export.writable() ? "read-write" : "read-only");
        field(text, "state", export.state().toString());
        field(text, "reason", export.reason());
        field(text, "asked by", Texts.askedBy(export));
        field(text, "address", export.info().address());
        export.info().details().forEach((name, value) -> field(text, name, value));
        Map<String, String> options = new TreeMap<>();
        Texts.flatten("", export.options(), options);
        options.forEach((name, value) -> field(text, "option " + name, value));
        return text.toString();
    }

    private static void field(StringBuilder text, String name, String value) {
        if (!value.isEmpty()) {
            text.append("%-24s %s%n".formatted(name, value));
        }
    }

    private static Table counters(BlockStats stats, boolean exact) {
        Table table = new Table("REQUESTS", "COUNT>", "BYTES>", "MEAN>", "P50>", "P99>", "MAX>");
        row(table, "read", stats.reads(), stats.readBytes(), stats.readLatency(), exact);
        row(table, "write", stats.writes(), stats.writtenBytes(), stats.writeLatency(), exact);
        row(table, "flush", stats.flushes(), -1, stats.flushLatency(), exact);
        row(table, "discard", stats.discards(), -1, Latency.NONE, exact);
        row(table, "failed", stats.errors(), -1, Latency.NONE, exact);
        row(table, "in flight", stats.inFlight(), -1, Latency.NONE, exact);
        return table;
    }

    private static void row(
            Table table, String name, long count, long bytes, Latency latency, boolean exact) {
        table.row(
                name,
                Long.toString(count),
                Units.bytes(bytes, exact),
                time(latency, latency.mean()),
                time(latency, latency.p50()),
                time(latency, latency.p99()),
                time(latency, latency.max()));
    }

    private static boolean occurred(RequestStats stats) {
        return stats.finished() > 0 || stats.failed() > 0 || stats.inFlight() > 0;
    }

    private static Table operations(List<RequestStats> operations) {
        Table table =
                new Table(
                        "OPERATION",
                        "FINISHED>",
                        "FAILED>",
                        "IN FLIGHT>",
                        "MEAN>",
                        "P50>",
                        "P99>",
                        "MAX>");
        for (RequestStats stats : operations) {
            Latency latency = stats.latency();
            table.row(
                    stats.operation(),
                    Long.toString(stats.finished()),
                    Long.toString(stats.failed()),
                    Long.toString(stats.inFlight()),
                    time(latency, latency.mean()),
                    time(latency, latency.p50()),
                    time(latency, latency.p99()),
                    time(latency, latency.max()));
        }
        return table;
    }

    /** Nothing where there was no request to time. */
    private static String time(Latency latency, long nanos) {
        return latency.max() > 0 ? Units.time(nanos) : "";
    }

    private static Table clients(List<ClientEntry> clients, boolean exact) {
        Table table = new Table("CLIENT", "REQUESTS>", "BYTES>", "DETAILS");
        for (ClientEntry client : clients) {
            table.row(
                    client.description(),
                    Long.toString(client.requests()),
                    Units.bytes(client.bytes(), exact),
                    Texts.lines(client.details()));
        }
        return table;
    }
}
