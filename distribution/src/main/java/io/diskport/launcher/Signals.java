package io.diskport.launcher;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/**
 * Ends the daemon on SIGTERM, SIGINT and SIGHUP with status 0. The JVM's own way, shutdown hooks
 * only, would end it with 143. sun.misc.Signal has no public successor; reflection, because the
 * compiler warns of it and cannot be told not to.
 */
final class Signals {
    private Signals() {}

    static void onEnd(Runnable action) {
        on(action, "TERM", "INT", "HUP");
    }

    /** Does something in place of what Java does on these signals. */
    static void on(Runnable action, String... names) {
        for (String name : names) {
            try {
                Class<?> signal = Class.forName("sun.misc.Signal");
                Class<?> handler = Class.forName("sun.misc.SignalHandler");
                Object proxy =
                        Proxy.newProxyInstance(
                                Signals.class.getClassLoader(),
                                new Class<?>[] {handler},
                                (self, method, arguments) ->
                                        answer(self, method, arguments, action));
                signal.getMethod("handle", signal, handler)
                        .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
            } catch (InvocationTargetException e) {
                // The JVM was told to leave this signal alone (-Xrs).
            } catch (ReflectiveOperationException e) {
                return; // Without the class the shutdown hook still ends everything, with 143.
            }
        }
    }

    private static Object answer(Object self, Method method, Object[] arguments, Runnable action) {
        return switch (method.getName()) {
            case "handle" -> {
                action.run();
                yield null;
            }
            case "equals" -> self == arguments[0];
            case "hashCode" -> System.identityHashCode(self);
            default -> "end";
        };
    }
}
