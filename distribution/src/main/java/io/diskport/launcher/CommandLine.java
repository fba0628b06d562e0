package io.diskport.launcher;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.util.tracker.ServiceTracker;

/**
 * Has what the command line asks for made, by a service of the bundle control-cline. The launcher
 * and the bundles share no classes but the JDK's, so the service is a function: from the options
 * and their values, in the order given, to what came of it.
 */
final class CommandLine {
    /** In what came of it: why it was refused. Everything that was made before ends with us. */
    static final String REFUSED = "refused";

    /** In what came of it: what was asked, to be printed; nothing is to run. */
    static final String TEXT = "text";

    private static final String FILTER =
            "(&(objectClass=java.util.function.Function)(diskport.command-line=true))";
    private static final long THERE_MILLIS = 10_000;

    private CommandLine() {}

    /** Returns when everything is there, with an empty map, or with one of the two. */
    static Map<String, String> perform(BundleContext context, List<String> steps)
            throws StartException, InterruptedException {
        try {
            ServiceTracker<?, ?> tracker =
                    new ServiceTracker<>(context, context.createFilter(FILTER), null);
            tracker.open();
            try {
                @SuppressWarnings("unchecked")
                var service =
                        (Function<List<String>, Map<String, String>>)
                                tracker.waitForService(THERE_MILLIS);
                if (service == null) {
                    throw new StartException(
                            "the bundle control-cline does not run: is this all of Diskport?");
                }
                return service.apply(steps);
            } finally {
                tracker.close();
            }
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
