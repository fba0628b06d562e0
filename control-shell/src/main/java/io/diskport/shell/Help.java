package io.diskport.shell;

import io.diskport.api.BlockException;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** Shows the commands, or the manual of one. */
@Component(
        service = Help.class,
        property = {Command.SCOPE, Command.NAME + "help"})
public final class Help extends Command {
    private static final Manual MANUAL =
            new Manual(
                    "help",
                    "show the commands, or the manual of one",
                    List.of("[COMMAND]"),
                    "",
                    List.of("help export-add", "export-add --help"));

    @Reference(
            service = Command.class,
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC)
    private final List<Command> commands = new CopyOnWriteArrayList<>();

    public Help() {
        super(MANUAL, Set.of(), Set.of());
    }

    @Override
    void run(Words words, Screen screen) throws BlockException {
        if (!words.operands().isEmpty()) {
            String name = words.operand("COMMAND").replaceFirst("^diskport:", "");
            screen.print(find(name).text());
            return;
        }
        Table table = new Table("COMMAND", "WHAT IT DOES");
        commands.stream()
                .map(Command::manual)
                .filter(manual -> !manual.name().startsWith("_"))
                .sorted(Comparator.comparing(Manual::name))
                .forEach(manual -> table.row(manual.name(), manual.summary()));
        screen.print(table);
        screen.line("");
        screen.line("COMMAND --help says more, with examples. Tab completes. Ctrl-D or exit ends.");
        screen.line("Gogo's own commands: gogo:help");
    }

    private Manual find(String name) throws BlockException {
        return commands.stream()
                .map(Command::manual)
                .filter(manual -> manual.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new BlockException(
                                        BlockException.Reason.NOT_FOUND,
                                        "there is no command '%s' here; for Gogo's own: gogo:help %s"
                                                .formatted(name, name)));
    }
}
