package io.diskport.qmp;

import io.diskport.qmp.Shape.Array;
import io.diskport.qmp.Shape.Member;
import io.diskport.qmp.Shape.Struct;
import io.diskport.qmp.Shape.Words;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** The commands about the monitor and the daemon. */
final class MonitorCommands {
    private static final long END_MILLIS = 9_000;

    private static final Struct VERSION =
            Struct.of(
                    Member.required(
                            "qemu",
                            Struct.of(
                                    Member.required("major", Shape.INTEGER),
                                    Member.required("minor", Shape.INTEGER),
                                    Member.required("micro", Shape.INTEGER))),
                    Member.required("package", Shape.STRING));

    private static final Struct COMMAND = Struct.of(Member.required("name", Shape.STRING));

    private static final Struct CAPABILITIES =
            Struct.of(Member.optional("enable", new Array(Words.of("oob"))));

    private static final Shape SCHEMA = new Array(SchemaShape.ENTITY);

    private final Commands commands;
    private final Engine.Daemon daemon;
    private final Events events;

    MonitorCommands(Commands commands, Engine.Daemon daemon, Events events) {
        this.commands = commands;
        this.daemon = daemon;
        this.events = events;
    }

    List<Command> all() {
        return List.of(
                SimpleCommand.of(Commands.NEGOTIATION, CAPABILITIES, this::negotiate),
                SimpleCommand.of("query-version", Shape.EMPTY, VERSION, call -> commands.version()),
                SimpleCommand.of(
                        "query-commands", Shape.EMPTY, new Array(COMMAND), call -> names()),
                SimpleCommand.of("quit", Shape.EMPTY, this::quit),
                SimpleCommand.of("query-qmp-schema", Shape.EMPTY, SCHEMA, this::schema));
    }

    private Object negotiate(Call call) throws QmpException {
        if (call.arguments().get("enable") instanceof List<?> wanted && !wanted.isEmpty()) {
            throw new QmpException("Capability oob not available");
        }
        call.client().ready();
        return Command.NOTHING;
    }

    private List<Object> names() {
        List<Object> names = new ArrayList<>();
        commands.all().forEach(command -> names.add(Map.of("name", command.name())));
        Collections.reverse(names);
        return names;
    }

    private Object schema(Call call) {
        return Schema.of(commands.all(), Events.ALL, call.vocabulary());
    }

    /** Ends the daemon; the events of the exports that end with it go before the answer. */
    private Object quit(Call call) {
        call.client().last();
        daemon.end();
        try {
            events.awaitNone(END_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Command.NOTHING;
    }
}
