package io.diskport.shell;

import io.diskport.api.BlockException;
import io.diskport.api.manage.DriverEntry;
import io.diskport.api.manage.DriverManager;
import io.diskport.api.manage.Kind;
import io.diskport.api.manage.OptionEntry;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Shows what a driver takes, from its record. */
@Component(
        service = Command.class,
        property = {Command.SCOPE, Command.NAME + "options"})
public final class Options extends Command {
    private static final Manual MANUAL =
            new Manual(
                    "options",
                    "show the options of a type",
                    List.of("[export|node|object] TYPE"),
                    """
                    The kind is needed only where two kinds have a type of that name.
                    """,
                    List.of("options fuse", "options node file"));

    private final DriverManager drivers;

    @Activate
    public Options(@Reference DriverManager drivers) {
        super(MANUAL, Set.of(), Set.of());
        this.drivers = drivers;
    }

    @Override
    void run(Words words, Screen screen) throws BlockException {
        List<String> operands = words.operands();
        Kind kind;
        String type;
        if (operands.size() == 2) {
            kind = kind(words, operands.get(0));
            type = operands.get(1);
        } else {
            type = words.operand("TYPE");
            kind = kindOf(type);
        }
        Table table = new Table("OPTION", "VALUE", "DEFAULT", "MEANING");
        for (OptionEntry option : drivers.options(kind, type)) {
            table.row(
                    option.name(),
                    option.values().isEmpty() ? option.type() : String.join("|", option.values()),
                    option.required() ? "(required)" : option.defaultValue(),
                    option.description());
        }
        screen.print(table);
    }

    private static Kind kind(Words words, String name) throws BlockException {
        return Arrays.stream(Kind.values())
                .filter(kind -> kind.toString().equals(name))
                .findFirst()
                .orElseThrow(() -> words.mistake("'%s' is no kind".formatted(name)));
    }

    private Kind kindOf(String type) throws BlockException {
        List<DriverEntry> all = drivers.list();
        Set<Kind> kinds =
                all.stream()
                        .filter(driver -> driver.type().equals(type))
                        .map(DriverEntry::kind)
                        .collect(Collectors.toCollection(TreeSet::new));
        if (kinds.isEmpty()) {
            String known =
                    all.stream()
                            .map(DriverEntry::type)
                            .distinct()
                            .sorted()
                            .collect(Collectors.joining(", "));
            throw new BlockException(
                    BlockException.Reason.NOT_FOUND,
                    "there is no type '%s'; there are: %s".formatted(type, known));
        }
        if (kinds.size() > 1) {
            throw new BlockException(
                    BlockException.Reason.INVALID,
                    "'%s' is a type of several kinds; say one of: %s"
                            .formatted(
                                    type,
                                    kinds.stream()
                                            .map(kind -> "options " + kind + " " + type)
                                            .collect(Collectors.joining(", "))));
        }
        return kinds.iterator().next();
    }
}
