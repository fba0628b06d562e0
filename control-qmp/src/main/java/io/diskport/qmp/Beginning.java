package io.diskport.qmp;

import java.util.ArrayList;
import java.util.List;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.util.tracker.ServiceTracker;

/**
 * Knows whether the daemon still makes what its command line asks for: as long as it does, a
 * service with the property {@code diskport.starting} is there.
 */
final class Beginning implements AutoCloseable {
    private static final String FILTER =
            "(&(objectClass=java.lang.Object)(diskport.starting=true))";

    private final ServiceTracker<Object, Object> tracker;
    private final List<Runnable> waiting = new ArrayList<>();
    private int marks;

    Beginning(BundleContext context) {
        try {
            tracker =
                    new ServiceTracker<>(context, context.createFilter(FILTER), null) {
                        @Override
                        public Object addingService(ServiceReference<Object> reference) {
                            marked();
                            return reference;
                        }

                        @Override
                        public void removedService(
                                ServiceReference<Object> reference, Object service) {
                            unmarked();
                        }
                    };
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
        tracker.open();
    }

    private synchronized void marked() {
        marks++;
    }

    private synchronized void unmarked() {
        marks--;
        if (marks == 0) {
            waiting.forEach(Runnable::run);
            waiting.clear();
        }
    }

    /** Does something short now, or as soon as everything is there. */
    synchronized void whenOver(Runnable task) {
        if (marks == 0) {
            task.run();
        } else {
            waiting.add(task);
        }
    }

    /** Does now what still waits, and which sees by itself that the end has come. */
    @Override
    public void close() {
        tracker.close();
    }
}
