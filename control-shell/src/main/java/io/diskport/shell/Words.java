package io.diskport.shell;

import io.diskport.api.BlockException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.ListIterator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The words behind a command, told apart: switches ({@code -v}), settings ({@code --mode hard},
 * {@code --mode=hard}) and operands. Behind {@code --} everything is an operand.
 */
final class Words {
    private final Manual manual;
    private final Set<String> switches = new HashSet<>();
    private final Map<String, String> settings = new HashMap<>();
    private final List<String> operands = new ArrayList<>();

    /**
     * @param knownSwitches words that stand alone
     * @param knownSettings words with a value behind them
     */
    Words(Manual manual, Set<String> knownSwitches, Set<String> knownSettings, List<String> words)
            throws BlockException {
        this.manual = manual;
        boolean operandsOnly = false;
        ListIterator<String> rest = words.listIterator();
        while (rest.hasNext()) {
            String word = rest.next();
            int equals = word.startsWith("--") ? word.indexOf('=') : -1;
            String name = equals < 0 ? word : word.substring(0, equals);
            if (operandsOnly || !word.startsWith("-") || word.equals("-")) {
                operands.add(word);
            } else if (word.equals("--")) {
                operandsOnly = true;
            } else if (knownSettings.contains(name)) {
                if (equals < 0 && !rest.hasNext()) {
                    throw mistake("%s needs a value behind it".formatted(name));
                }
                settings.put(name, equals < 0 ? rest.next() : word.substring(equals + 1));
            } else if (knownSwitches.contains(word)) {
                switches.add(word);
            } else {
                throw mistake("unknown argument '%s'".formatted(word));
            }
        }
    }

    boolean has(String name) {
        return switches.contains(name);
    }

    Optional<String> setting(String name) {
        return Optional.ofNullable(settings.get(name));
    }

    List<String> operands() {
        return operands;
    }

    /** The only operand. */
    String operand(String what) throws BlockException {
        return operands(what).get(0);
    }

    /** As many operands as there are names for them. */
    List<String> operands(String... what) throws BlockException {
        if (operands.size() < what.length) {
            throw mistake("%s is missing".formatted(what[operands.size()]));
        }
        if (operands.size() > what.length) {
            throw mistake("unexpected argument '%s'".formatted(operands.get(what.length)));
        }
        return operands;
    }

    /** A refusal that says how the command is called. */
    BlockException mistake(String what) {
        return new BlockException(
                BlockException.Reason.INVALID, what + "; expected " + manual.usage());
    }
}
