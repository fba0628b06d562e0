package io.diskport.qmp;

import io.diskport.api.BlockException;
import io.diskport.api.manage.DriverManager;
import io.diskport.qmp.QmpException.ErrorClass;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All commands there are, and how one is done. */
final class Commands {
    static final String NEGOTIATION = "qmp_capabilities";

    private final Map<String, Command> commands = new LinkedHashMap<>();
    private final Engine.Daemon daemon;
    private final DriverManager drivers;

    Commands(Engine.Daemon daemon, DriverManager drivers) {
        this.daemon = daemon;
        this.drivers = drivers;
    }

    void add(List<Command> more) {
        more.forEach(command -> commands.put(command.name(), command));
    }

    Collection<Command> all() {
        return commands.values();
    }

    /** The version as QMP lays it out, though what is under QEMU's name is not QEMU's. */
    Map<String, Object> version() {
        List<Integer> version = daemon.version();
        // Two of them go by the order in which they are put.
        Map<String, Object> numbers = new LinkedHashMap<>();
        numbers.put("major", version.get(0));
        numbers.put("minor", version.get(1));
        numbers.put("micro", version.get(2));
        return Map.of(
                "qemu",
                numbers,
                "package",
                "Diskport %d.%d.%d".formatted(version.get(0), version.get(1), version.get(2)));
    }

    /**
     * Has a request done.
     *
     * @param ready whether the client's negotiation is over
     * @return the answer
     * @throws QmpException the answer, if it is an error
     */
    Object run(Request request, boolean ready, Call.Client client) throws QmpException {
        boolean negotiation = request.execute().equals(NEGOTIATION);
        if (!ready && !negotiation) {
            throw new QmpException(
                    ErrorClass.COMMAND_NOT_FOUND,
                    "Expecting capabilities negotiation with 'qmp_capabilities'");
        }
        if (ready && negotiation) {
            throw new QmpException(
                    ErrorClass.COMMAND_NOT_FOUND,
                    "Capabilities negotiation is already complete, command ignored");
        }
        Command command = commands.get(request.execute());
        if (command == null) {
            throw new QmpException(
                    ErrorClass.COMMAND_NOT_FOUND,
                    "The command " + request.execute() + " has not been found");
        }
        Vocabulary vocabulary = new Vocabulary(drivers);
        ArgumentCheck.check(request.arguments(), command.arguments(vocabulary));
        try {
            return command.run(new Call(request.arguments(), vocabulary, client));
        } catch (BlockException e) {
            throw new QmpException(e.getMessage());
        }
    }
}
