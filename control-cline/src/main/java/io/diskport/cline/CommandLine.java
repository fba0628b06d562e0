package io.diskport.cline;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.manage.DriverManager;
import io.diskport.api.manage.ExportManager;
import io.diskport.api.manage.Kind;
import io.diskport.api.manage.NodeManager;
import io.diskport.api.manage.ObjectManager;
import io.diskport.api.manage.OptionService;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * Makes what a command line asks for, in the order given, after all of it was looked at. The
 * launcher calls it, whose classes are not ours: so it is a function of JDK types. It takes options
 * and their values, one after the other, and returns when everything is there, with an empty map;
 * or with {@code refused} and why (then the launcher ends, and everything that was made before with
 * it); or with {@code text}, which was asked for and is to be printed, and nothing was made.
 */
@Component(service = Function.class, property = "diskport.command-line=true")
public final class CommandLine implements Function<List<String>, Map<String, String>> {
    private static final String REFUSED = "refused";
    private static final String TEXT = "text";

    private final NodeManager nodes;
    private final ExportManager exports;
    private final ObjectManager objects;
    private final OptionService options;
    private final OptionHelp help;
    private final Arrivals arrivals;

    @Activate
    public CommandLine(
            @Reference NodeManager nodes,
            @Reference ExportManager exports,
            @Reference ObjectManager objects,
            @Reference OptionService options,
            @Reference DriverManager drivers) {
        this.nodes = nodes;
        this.exports = exports;
        this.objects = objects;
        this.options = options;
        this.help = new OptionHelp(drivers, options);
        this.arrivals = new Arrivals(drivers);
    }

    @Override
    public Map<String, String> apply(List<String> words) {
        try {
            List<Step> steps = Step.of(words);
            Optional<String> text = help.text(steps);
            if (text.isPresent()) {
                return Map.of(TEXT, text.get());
            }
            List<Addition> additions = new Additions(options, arrivals).of(steps);
            for (Addition addition : additions) {
                perform(addition);
            }
            return Map.of();
        } catch (Refusal e) {
            return Map.of(REFUSED, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Map.of(REFUSED, "interrupted");
        }
    }

    private void perform(Addition addition) throws Refusal {
        Step step = addition.step();
        try {
            add(addition.kind(), addition.options());
        } catch (BlockException e) {
            boolean secondServer =
                    e.reason() == Reason.EXISTS && step.option().equals("--nbd-server");
            throw new Refusal(step, secondServer ? "NBD server already running" : e.getMessage());
        } catch (RuntimeException e) {
            throw new Refusal(step, "internal error: " + e);
        }
    }

    private void add(Kind kind, Map<String, Object> given) throws BlockException {
        switch (kind) {
            case NODE -> nodes.add(given);
            case EXPORT -> exports.add(given);
            case OBJECT -> objects.add(given);
        }
    }
}
