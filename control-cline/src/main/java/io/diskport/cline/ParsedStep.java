package io.diskport.cline;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.manage.Kind;
import io.diskport.api.manage.OptionService;
import java.util.LinkedHashMap;
import java.util.Map;

/** A step whose value has been read. */
sealed interface ParsedStep {
    /** The step. */
    Step step();

    /**
     * Adds something through its manager.
     *
     * @param options nested
     */
    record Add(Step step, Kind kind, Map<String, Object> options) implements ParsedStep {}

    /** Keeps a char device for monitors. */
    record Device(Step step, CharDevice device) implements ParsedStep {}

    /** Adds a monitor. */
    record Monitor(Step step, MonitorOption monitor) implements ParsedStep {}

    /** Does nothing. */
    record Nothing(Step step) implements ParsedStep {}

    /** The id of the object that --nbd-server makes. */
    String NBD_SERVER = "nbd-server";

    /** Reads a step's value. */
    static ParsedStep of(Step step, OptionService options) throws BlockException {
        String text = step.text();
        return switch (step.option()) {
            case "--blockdev" -> new Add(step, Kind.NODE, options.parse(text, "driver"));
            case "--export" -> new Add(step, Kind.EXPORT, options.parse(text, "type"));
            case "--object" -> new Add(step, Kind.OBJECT, options.parse(text, "qom-type"));
            case "--nbd-server" -> new Add(step, Kind.OBJECT, nbdServer(options.parse(text, "")));
            case "--chardev" -> new Device(step, CharDevice.parse(text));
            case "--monitor" -> new Monitor(step, MonitorOption.of(options.parse(text, "chardev")));
            case "--trace" -> new Nothing(step);
            default ->
                    throw new BlockException(
                            Reason.INVALID, "unrecognized option; see diskport --help");
        };
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
