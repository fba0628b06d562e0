package io.diskport.cline;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.manage.DriverEntry;
import io.diskport.api.manage.DriverManager;
import io.diskport.api.manage.Kind;
import io.diskport.api.manage.OptionEntry;
import io.diskport.api.manage.OptionService;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Managers that note what they are asked for. What no test needs they do not have. */
final class Fakes {
    /** What was added: a manager's name and the options, in order. */
    final List<String> added = new ArrayList<>();

    /** Where options with this text are to be refused. */
    String refuse = "nothing";

    final List<DriverEntry> drivers = new ArrayList<>();
    final List<Runnable> listeners = new ArrayList<>();

    /** A method of an interface. */
    private interface Call {
        Object call(String method, Object[] arguments) throws Exception;
    }

    private static <T> T fake(Class<T> type, Call call) {
        return type.cast(
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (self, method, arguments) -> call.call(method.getName(), arguments)));
    }

    <T> T manager(Class<T> type) {
        return fake(
                type,
                (method, arguments) -> {
                    if (!method.equals("add")) {
                        throw new UnsupportedOperationException(method);
                    }
                    String said = new TreeMap<>((Map<?, ?>) arguments[0]).toString();
                    if (said.contains(refuse)) {
                        throw new BlockException(Reason.EXISTS, "no " + refuse);
                    }
                    added.add(type.getSimpleName().replace("Manager", " ") + said);
                    return null;
                });
    }

    DriverManager driverManager() {
        return fake(
                DriverManager.class,
                (method, arguments) ->
                        switch (method) {
                            case "list" -> List.copyOf(drivers);
                            case "options" ->
                                    List.of(
                                            option("qom-type", true, ""),
                                            option("a", true, ""),
                                            option("long-name", false, "1"));
                            case "watch" -> {
                                listeners.add((Runnable) arguments[0]);
                                yield (AutoCloseable) () -> {};
                            }
                            default -> throw new UnsupportedOperationException(method);
                        });
    }

    void driver(Kind kind, String type, DriverEntry.State state, String reason) {
        drivers.add(new DriverEntry(kind, type, "b", "1", 0, state, reason));
    }

    private static OptionEntry option(String name, boolean required, String defaultValue) {
        return new OptionEntry(
                name,
                "text",
                required,
                defaultValue,
                "what it is",
                List.of(),
                OptionEntry.Form.VALUE);
    }

    /** Knows names and values, and no nesting; the option {@code wrong} is unknown. */
    static OptionService options() {
        return fake(
                OptionService.class,
                (method, arguments) -> {
                    if (method.equals("check")) {
                        if (((Map<?, ?>) arguments[1]).containsKey("wrong")) {
                            throw new BlockException(Reason.INVALID, "'wrong' is unexpected");
                        }
                        return null;
                    }
                    Map<String, Object> options = new LinkedHashMap<>();
                    for (String element : Step.elements((String) arguments[0])) {
                        int equals = element.indexOf('=');
                        if (equals < 0 && arguments[1].equals("")) {
                            throw new BlockException(
                                    Reason.INVALID, "'" + element + "' is no option");
                        }
                        options.put(
                                equals < 0 ? (String) arguments[1] : element.substring(0, equals),
                                element.substring(equals + 1));
                    }
                    return options;
                });
    }
}
