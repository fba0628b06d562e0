package io.diskport.shell;

import io.diskport.api.BlockException;
import io.diskport.api.manage.DriverEntry;
import io.diskport.api.manage.DriverManager;
import io.diskport.api.manage.Entry;
import io.diskport.api.manage.ExportManager;
import io.diskport.api.manage.Kind;
import io.diskport.api.manage.Manager;
import io.diskport.api.manage.NodeManager;
import io.diskport.api.manage.ObjectManager;
import io.diskport.api.manage.OptionEntry;
import io.diskport.api.manage.OptionService;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** What could stand where the cursor is. */
@Component(service = Completer.class)
public final class Completer {
    private static final List<String> MODES = List.of("safe", "hard", "hide", "soft");
    private static final List<String> KINDS = Stream.of(Kind.values()).map(Kind::toString).toList();

    private final DriverManager drivers;
    private final ExportManager exports;
    private final NodeManager nodes;
    private final ObjectManager objects;
    private final OptionService options;

    @Activate
    public Completer(
            @Reference DriverManager drivers,
            @Reference ExportManager exports,
            @Reference NodeManager nodes,
            @Reference ObjectManager objects,
            @Reference OptionService options) {
        this.drivers = drivers;
        this.exports = exports;
        this.nodes = nodes;
        this.objects = objects;
        this.options = options;
    }

    /**
     * Whole words that begin with a word.
     *
     * @param before the command and the words between it and the cursor
     */
    List<String> complete(List<String> before, String word) {
        String command = before.get(0).replaceFirst("^diskport:", "");
        List<String> given = before.subList(1, before.size());
        String previous = given.isEmpty() ? "" : given.get(given.size() - 1);
        return switch (command) {
            case "export-add" -> options(Kind.EXPORT, given, word);
            case "node-add" -> options(Kind.NODE, given, word);
            case "object-add" -> options(Kind.OBJECT, given, word);
            case "export-del" ->
                    previous.equals("--mode")
                            ? begin(MODES.stream(), word)
                            : given.isEmpty()
                                    ? ids(exports, word)
                                    : begin(Stream.of("--mode"), word);
            case "export-info" -> given.isEmpty() ? ids(exports, word) : List.of();
            case "stats" -> ids(exports, word);
            case "node-del", "node-resize" -> given.isEmpty() ? ids(nodes, word) : List.of();
            case "object-del" -> given.isEmpty() ? ids(objects, word) : List.of();
            case "options" -> types(given, word);
            default -> List.of();
        };
    }

    /** Options stand in words of their own, or with commas between them. */
    private List<String> options(Kind kind, List<String> given, String word) {
        int begin = word.lastIndexOf(',') + 1;
        String before = word.substring(0, begin);
        String element = word.substring(begin);
        List<String> elements = new ArrayList<>(given);
        if (begin > 0) {
            elements.addAll(List.of(before.substring(0, begin - 1).split(",")));
        }
        List<String> found = options.complete(kind, elements, element);
        if (found.isEmpty() && isPath(kind, elements, element)) {
            found = Paths.complete(element);
        }
        return found.stream().map(before::concat).toList();
    }

    private boolean isPath(Kind kind, List<String> given, String element) {
        int equals = element.indexOf('=');
        if (equals < 0 || given.isEmpty()) {
            return false;
        }
        String first = given.get(0);
        String type = first.substring(first.indexOf('=') + 1);
        String name = element.substring(0, equals);
        try {
            return drivers.options(kind, type).stream()
                    .anyMatch(
                            option ->
                                    option.name().equals(name)
                                            && option.form() == OptionEntry.Form.PATH);
        } catch (BlockException e) {
            return false; // a type without a driver has no options
        }
    }

    private List<String> types(List<String> given, String word) {
        if (given.size() > 1 || given.size() == 1 && !KINDS.contains(given.get(0))) {
            return List.of();
        }
        Stream<String> found =
                drivers.list().stream()
                        .filter(
                                driver ->
                                        given.isEmpty()
                                                || driver.kind().toString().equals(given.get(0)))
                        .map(DriverEntry::type);
        return begin(given.isEmpty() ? Stream.concat(KINDS.stream(), found) : found, word);
    }

    private static List<String> ids(Manager<?> manager, String word) {
        return begin(manager.list().stream().map(Entry::id), word);
    }

    private static List<String> begin(Stream<String> all, String word) {
        return all.filter(found -> found.startsWith(word)).distinct().sorted().toList();
    }
}
