package io.diskport.shell;

import io.diskport.api.BlockException;
import io.diskport.api.manage.BlockStats;
import io.diskport.api.manage.ExportEntry;
import io.diskport.api.manage.ExportManager;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Shows the counters of all exports as they move. */
@Component(
        service = Command.class,
        property = {Command.SCOPE, Command.NAME + "stats"})
public final class Stats extends Command {
    private static final Manual MANUAL =
            new Manual(
                    "stats",
                    "show the counters of exports as they move, until Ctrl-C",
                    List.of("[ID...] [-n COUNT] [-i SECONDS] [-b]"),
                    """
                    Totals since each export was added, and rates since the line before.

                      -n  so many times, then end
                      -i  seconds between two times (default 1; 0.2 is possible)
                      -b  sizes in bytes
                    """,
                    List.of("stats", "stats disk -i 5", "stats -n 1"));

    private static final String UP_AND_ERASE = "\u001b[%dA\u001b[J";

    private final ExportManager exports;

    @Activate
    public Stats(@Reference ExportManager exports) {
        super(MANUAL, Set.of("-b"), Set.of("-n", "-i"));
        this.exports = exports;
    }

    @Override
    void run(Words words, Screen screen) throws BlockException, InterruptedException {
        long times = Math.round(number(words, "-n", Long.MAX_VALUE, 1));
        long millis = Math.round(1000 * number(words, "-i", 1, 0.1));
        for (String id : words.operands()) {
            if (exports.find(id).isEmpty()) {
                throw new BlockException(
                        BlockException.Reason.NOT_FOUND, "there is no export '%s'".formatted(id));
            }
        }
        Map<String, BlockStats> before = new HashMap<>();
        long then = 0;
        int height = 0;
        for (long time = 0; time < times; time++) {
            if (time > 0) {
                Thread.sleep(millis);
            }
            long now = System.nanoTime();
            String table = table(words, before, (now - then) / 1e9);
            then = now;
            if (height > 0) {
                screen.print(screen.terminal() ? UP_AND_ERASE.formatted(height) : "\n");
            }
            screen.print(table);
            height = (int) table.chars().filter(c -> c == '\n').count();
        }
    }

    private static double number(Words words, String name, double absent, double least)
            throws BlockException {
        String text = words.setting(name).orElse(null);
        if (text == null) {
            return absent;
        }
        try {
            double number = Double.parseDouble(text);
            if (number >= least) {
                return number;
            }
        } catch (NumberFormatException e) {
            // As below.
        }
        throw words.mistake(
                "%s needs a number, %s or more, and was given '%s'"
                        .formatted(name, least == 1 ? "1" : Double.toString(least), text));
    }

    private String table(Words words, Map<String, BlockStats> before, double seconds) {
        boolean exact = words.has("-b");
        Table table =
                new Table(
                        "EXPORT",
                        "STATE",
                        "READS/s>",
                        "READ/s>",
                        "WRITES/s>",
                        "WRITTEN/s>",
                        "FLUSHES/s>",
                        "IN FLIGHT>",
                        "ERRORS>",
                        "READ>",
                        "WRITTEN>",
                        "CLIENTS>");
        for (ExportEntry export : exports.list()) {
            if (!words.operands().isEmpty() && !words.operands().contains(export.id())) {
                continue;
            }
            BlockStats now = export.stats();
            BlockStats then = before.put(export.id(), now);
            boolean rates = then != null;
            BlockStats from = rates ? then : now;
            table.row(
                    export.id(),
                    export.state().toString(),
                    rates ? Units.count((now.reads() - from.reads()) / seconds) : "-",
                    rates ? rate(now.readBytes() - from.readBytes(), seconds, exact) : "-",
                    rates ? Units.count((now.writes() - from.writes()) / seconds) : "-",
                    rates ? rate(now.writtenBytes() - from.writtenBytes(), seconds, exact) : "-",
                    rates ? Units.count((now.flushes() - from.flushes()) / seconds) : "-",
                    Long.toString(now.inFlight()),
                    Long.toString(now.errors()),
                    Units.bytes(now.readBytes(), exact),
                    Units.bytes(now.writtenBytes(), exact),
                    Integer.toString(export.clients().size()));
        }
        return table.toString();
    }

    /** An export that was deleted and added anew begins at 0. */
    private static String rate(long bytes, double seconds, boolean exact) {
        return Units.bytes(Math.max(0, Math.round(bytes / seconds)), exact);
    }
}
