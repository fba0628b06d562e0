package io.diskport.cline;

import io.diskport.api.BlockException;
import io.diskport.api.manage.DriverEntry;
import io.diskport.api.manage.DriverEntry.State;
import io.diskport.api.manage.DriverManager;
import io.diskport.api.manage.Kind;
import io.diskport.api.manage.OptionEntry;
import io.diskport.api.manage.OptionService;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Says what there is: types from the driver tables, options from the drivers' records. */
final class OptionHelp {
    private static final String MONITOR =
            """
              chardev=ID         the char device it speaks on (required)
              mode=control       QMP, which is all there is
              pretty=on|off      line breaks in its answers (default: off)
              id=ID              its id as an object
            """;
    private static final String CHARDEV =
            """
            Available chardev backend types:
              socket
              stdio
            Options of socket:
              id=ID              what --monitor calls it (required)
              path=PATH          a Unix socket
              host=HOST          or an address of this host
              port=PORT          with host
              server=on|off      listen, or connect (default: off)
              wait=on|off        accepted; the start never waits for a client
            """;

    private final DriverManager drivers;
    private final OptionService options;

    OptionHelp(DriverManager drivers, OptionService options) {
        this.drivers = drivers;
        this.options = options;
    }

    /** What the first step that asks for help is to be told; empty if none does. */
    Optional<String> text(List<Step> steps) throws Refusal {
        for (Step step : steps) {
            if (step.option().equals("--help")) {
                return Optional.of(types());
            }
            Optional<String> about = step.helpOn();
            if (about.isPresent()) {
                try {
                    return Optional.of(text(step, about.get()));
                } catch (BlockException e) {
                    throw new Refusal(step, e.getMessage());
                }
            }
        }
        return Optional.empty();
    }

    private String text(Step step, String about) throws BlockException {
        return switch (step.option()) {
            case "--blockdev" -> of(Kind.NODE, "driver", about);
            case "--export" -> of(Kind.EXPORT, "type", about);
            case "--object" -> of(Kind.OBJECT, "qom-type", about);
            case "--nbd-server" -> options(Kind.OBJECT, "nbd-server", List.of("qom-type", "id"));
            case "--chardev" -> CHARDEV;
            case "--monitor" -> "monitor options:\n" + MONITOR;
            default -> "There is nothing to choose from.\n";
        };
    }

    private String of(Kind kind, String typeKey, String about) throws BlockException {
        Object type = options.parse(about, typeKey).get(typeKey);
        return type == null
                ? "Types of " + kind + "s:\n" + list(kind)
                : options(kind, type.toString(), List.of(typeKey));
    }

    private String types() {
        return "\nTypes that are there now:\n"
                + line("--blockdev", Kind.NODE)
                + line("--export", Kind.EXPORT)
                + line("--object", Kind.OBJECT);
    }

    private String line(String option, Kind kind) {
        List<String> there = new ArrayList<>();
        List<String> reasons = new ArrayList<>();
        states(kind)
                .forEach(
                        (type, reason) -> {
                            if (reason.isEmpty()) {
                                there.add(type);
                            } else {
                                reasons.add("    not now: " + type + ": " + reason + "\n");
                            }
                        });
        return "  %-10s %s%n".formatted(option, String.join(", ", there))
                + String.join("", reasons);
    }

    private String list(Kind kind) {
        StringBuilder text = new StringBuilder();
        states(kind)
                .forEach(
                        (type, reason) ->
                                text.append("  ")
                                        .append(type)
                                        .append(reason.isEmpty() ? "" : ": not now: " + reason)
                                        .append('\n'));
        return text.toString();
    }

    /** Every type of a kind, with an empty text if a driver serves it, or else the reason. */
    private Map<String, String> states(Kind kind) {
        Map<String, String> states = new TreeMap<>();
        for (DriverEntry driver : drivers.list()) {
            if (driver.kind() == kind) {
                boolean serves = driver.state() == State.SERVING || driver.state() == State.STANDBY;
                states.merge(
                        driver.type(),
                        serves ? "" : driver.reason(),
                        (one, other) -> one.isEmpty() || other.isEmpty() ? "" : one);
            }
        }
        return states;
    }

    private String options(Kind kind, String type, List<String> without) throws BlockException {
        List<String[]> rows = new ArrayList<>();
        for (OptionEntry option : drivers.options(kind, type)) {
            if (without.contains(option.name())) {
                continue;
            }
            String value =
                    option.values().isEmpty()
                            ? "<" + option.type() + ">"
                            : String.join("|", option.values());
            String more =
                    option.required()
                            ? " (required)"
                            : option.defaultValue().isEmpty()
                                    ? ""
                                    : " (default: " + option.defaultValue() + ")";
            rows.add(new String[] {option.name() + "=" + value, option.description() + more});
        }
        int width = rows.stream().mapToInt(row -> row[0].length()).max().orElse(1);
        StringBuilder text = new StringBuilder(type).append(" options:\n");
        rows.forEach(
                row ->
                        text.append(
                                        ("  %-" + width + "s  %s")
                                                .formatted(row[0], row[1])
                                                .stripTrailing())
                                .append('\n'));
        return text.toString();
    }
}
