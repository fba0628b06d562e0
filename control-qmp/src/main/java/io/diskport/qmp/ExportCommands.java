package io.diskport.qmp;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.export.ShutdownMode;
import io.diskport.api.manage.EntryState;
import io.diskport.api.manage.ExportEntry;
import io.diskport.api.manage.ExportManager;
import io.diskport.api.manage.Kind;
import io.diskport.api.manage.NodeManager;
import io.diskport.api.manage.ObjectManager;
import io.diskport.qmp.Shape.Array;
import io.diskport.qmp.Shape.Member;
import io.diskport.qmp.Shape.Struct;
import io.diskport.qmp.Shape.Words;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The commands about exports. */
final class ExportCommands {
    private static final String ID = "id";
    private static final String TYPE = "type";
    private static final String MODE = "mode";
    private static final String NODE_NAME = "node-name";
    private static final String FIXED_IOTHREAD = "fixed-iothread";

    /** How long the event of an export that is gone may take to come. */
    private static final long EVENT_MILLIS = 2000;

    static final Words MODES = Words.of("safe", "hard", "hide", "soft");

    private final ExportManager exports;
    private final NodeManager nodes;
    private final ObjectManager objects;
    private final Events events;
    private final Arrivals<ExportEntry> arrivals;

    ExportCommands(
            ExportManager exports,
            NodeManager nodes,
            ObjectManager objects,
            Events events,
            Arrivals<ExportEntry> arrivals) {
        this.exports = exports;
        this.nodes = nodes;
        this.objects = objects;
        this.events = events;
        this.arrivals = arrivals;
    }

    Events events() {
        return events;
    }

    List<Command> all() {
        return List.of(
                new SimpleCommand(
                        "block-export-add",
                        ExportCommands::options,
                        vocabulary -> Shape.EMPTY,
                        call -> add(call.arguments())),
                SimpleCommand.of(
                        "block-export-del",
                        Struct.of(Member.required(ID, Shape.STRING), Member.optional(MODE, MODES)),
                        call -> delete(call, call.text(ID))),
                new SimpleCommand(
                        "query-block-exports",
                        vocabulary -> Shape.EMPTY,
                        ExportCommands::report,
                        call -> list()));
    }

    /** What an export is added with; QEMU knows one option more than core needs. */
    private static Struct options(Vocabulary vocabulary) {
        Struct union = vocabulary.union(Kind.EXPORT);
        List<Member> base = new ArrayList<>(union.members());
        if (base.stream().noneMatch(member -> member.name().equals(FIXED_IOTHREAD))) {
            base.add(Member.optional(FIXED_IOTHREAD, Shape.BOOLEAN));
        }
        return new Struct(base, union.variants().orElseThrow());
    }

    private static Shape report(Vocabulary vocabulary) {
        return new Array(
                Struct.of(
                        Member.required(ID, Shape.STRING),
                        Member.required(TYPE, Words.of(vocabulary.types(Kind.EXPORT))),
                        Member.required(NODE_NAME, Shape.STRING),
                        Member.required("shutting-down", Shape.BOOLEAN)));
    }

    /** Adds an export. */
    Object add(Map<String, Object> arguments) throws QmpException, BlockException {
        Map<String, Object> options = new LinkedHashMap<>(arguments);
        // An export never leaves the iothread it was given.
        options.remove(FIXED_IOTHREAD);
        String id = (String) options.get(ID);
        try {
            exports.add(options);
        } catch (BlockException e) {
            if (e.reason() == Reason.NOT_FOUND && lacksServer(options)) {
                throw new QmpException("NBD server not running");
            }
            throw e;
        }
        events.running(id);
        arrivals.came(id);
        return Command.NOTHING;
    }

    /** Whether all that an export needs is there but for the server it does not name. */
    private boolean lacksServer(Map<String, Object> options) {
        return NbdCommands.needsServer(options)
                && !NbdCommands.hasServer(objects)
                && nodes.find((String) options.get(NODE_NAME)).isPresent();
    }

    /** Ends an export in the mode that the arguments name. */
    Object delete(Call call, String id) throws QmpException, BlockException {
        String word = call.text(MODE).isEmpty() ? "safe" : call.text(MODE);
        ShutdownMode mode = ShutdownMode.valueOf(word.toUpperCase(Locale.ROOT));
        boolean clients =
                exports.find(id).filter(export -> !export.clients().isEmpty()).isPresent();
        if (mode == ShutdownMode.HARD && clients) {
            // As in QEMU, the answer does not wait for them.
            call.client().answerFirst();
            endInBackground(id);
        } else if (mode == ShutdownMode.HIDE || mode == ShutdownMode.SOFT) {
            exports.delete(id, mode);
        } else {
            deleteAndTell(id, mode);
        }
        return Command.NOTHING;
    }

    /** Ends an export, and returns when the event of it has been sent. */
    void deleteAndTell(String id, ShutdownMode mode) throws BlockException {
        try (Events.Departure departure = events.departure(id)) {
            exports.delete(id, mode);
            departure.await(EVENT_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void endInBackground(String id) throws BlockException {
        Background ending =
                new Background("qmp-end-" + id, () -> exports.delete(id, ShutdownMode.HARD));
        ending.awaitOr(
                () ->
                        exports.find(id)
                                .filter(export -> export.state() != EntryState.SHUTTING_DOWN)
                                .isEmpty());
    }

    private List<Object> list() {
        List<Object> list = new ArrayList<>();
        for (ExportEntry export : arrivals.newestFirst(exports.list())) {
            boolean ending = export.state() == EntryState.SHUTTING_DOWN;
            if (ending || export.state() == EntryState.RUNNING) {
                list.add(
                        Map.of(
                                ID,
                                export.id(),
                                TYPE,
                                export.type(),
                                NODE_NAME,
                                export.nodeName(),
                                "shutting-down",
                                ending));
            }
        }
        return list;
    }
}
