package io.diskport.cline;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.manage.Kind;
import io.diskport.api.manage.OptionService;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads what steps ask for, and finds what is wrong with it as far as that can be known before
 * anything is made.
 */
final class Additions {
    /** The id of the object that --nbd-server makes. */
    private static final String NBD_SERVER = "nbd-server";

    private final OptionService options;
    private final Arrivals arrivals;
    private final Devices devices = new Devices();

    /** In order; a char device stands where it was given, and is added with its monitor, if any. */
    private final List<Addition> additions = new ArrayList<>();

    Additions(OptionService options, Arrivals arrivals) {
        this.options = options;
        this.arrivals = arrivals;
    }

    /** What is to be added, in order. */
    List<Addition> of(List<Step> steps) throws Refusal, InterruptedException {
        for (Step step : steps) {
            try {
                read(step);
            } catch (BlockException e) {
                throw new Refusal(step, e.getMessage());
            }
        }
        additions.removeIf(addition -> addition.options().isEmpty());
        return additions;
    }

    private void read(Step step) throws BlockException, InterruptedException {
        String text = step.text();
        switch (step.option()) {
            case "--blockdev" -> add(step, Kind.NODE, options.parse(text, "driver"));
            case "--export" -> add(step, Kind.EXPORT, options.parse(text, "type"));
            case "--object" -> add(step, Kind.OBJECT, options.parse(text, "qom-type"));
            case "--nbd-server" -> add(step, Kind.OBJECT, nbdServer(options.parse(text, "")));
            case "--chardev" -> {
                devices.add(CharDevice.parse(text), additions.size());
                additions.add(new Addition(step, Kind.OBJECT, Map.of()));
            }
            case "--monitor" -> monitor(MonitorOption.of(options.parse(text, "chardev")));
            case "--trace" -> {
                // Accepted.
            }
            default ->
                    throw new BlockException(
                            Reason.INVALID, "unrecognized option; see diskport --help");
        }
    }

    private void add(Step step, Kind kind, Map<String, Object> given)
            throws BlockException, InterruptedException {
        check(kind, given);
        additions.add(new Addition(step, kind, given));
    }

    private void check(Kind kind, Map<String, Object> given)
            throws BlockException, InterruptedException {
        arrivals.await(kind, given);
        options.check(kind, given);
    }

    /** Takes the place of its char device, which QEMU opens there. */
    private void monitor(MonitorOption monitor) throws BlockException, InterruptedException {
        Devices.Placed placed = devices.take(monitor.chardev());
        Map<String, Object> object = monitor.object(placed.device());
        check(Kind.OBJECT, object);
        Step step = additions.get(placed.place()).step();
        additions.set(placed.place(), new Addition(step, Kind.OBJECT, object));
    }

    private static Map<String, Object> nbdServer(Map<String, Object> given) throws BlockException {
        for (String name : new String[] {"qom-type", "id"}) {
            if (given.containsKey(name)) {
                throw new BlockException(Reason.INVALID, "Parameter '" + name + "' is unexpected");
            }
        }
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("qom-type", "nbd-server");
        object.put("id", NBD_SERVER);
        object.putAll(given);
        return object;
    }
}
