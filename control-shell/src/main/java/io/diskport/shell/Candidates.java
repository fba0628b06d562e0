package io.diskport.shell;

import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Function;
import org.apache.felix.service.command.Process;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/**
 * What could stand for the last of its words, a line each: for {@code diskport shell}, where the
 * line is edited in another process.
 */
@Component(
        service = Candidates.class,
        property = {Command.SCOPE, Command.NAME + "_candidates"})
public final class Candidates implements Function {
    private final Completer completer;

    @Reference(
            service = Command.class,
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC)
    private final List<Command> commands = new CopyOnWriteArrayList<>();

    @Activate
    public Candidates(@Reference Completer completer) {
        this.completer = completer;
    }

    @Override
    public Object execute(CommandSession session, List<Object> arguments) {
        PrintStream out = Process.Utils.current().out();
        of(arguments.stream().map(String::valueOf).toList()).forEach(out::println);
        return null;
    }

    private List<String> of(List<String> words) {
        if (words.isEmpty()) {
            return List.of();
        }
        List<String> before = words.subList(0, words.size() - 1);
        String word = words.get(words.size() - 1);
        if (before.isEmpty() || before.equals(List.of("help"))) {
            return commands.stream()
                    .map(command -> command.manual().name())
                    .filter(name -> name.startsWith(word))
                    .sorted()
                    .toList();
        }
        Stream<String> options =
                commands.stream()
                        .filter(command -> command.manual().name().equals(before.get(0)))
                        .flatMap(Command::options)
                        .filter(option -> !word.isEmpty() && option.startsWith(word));
        return Stream.concat(options, completer.complete(before, word).stream())
                .distinct()
                .toList();
    }
}
