package io.diskport.qmp;

import java.util.Map;

/**
 * A command with its arguments, as a client sent it.
 *
 * @param execute the command
 * @param arguments empty where none are given
 */
record Request(String execute, Map<String, Object> arguments) {
    private static final String EXECUTE = "execute";
    private static final String ARGUMENTS = "arguments";
    static final String ID = "id";

    /** The request that a value is; execution out of band (exec-oob) is not offered. */
    static Request of(Object value) throws QmpException {
        if (!(value instanceof Map<?, ?> given)) {
            throw new QmpException("QMP input must be a JSON object");
        }
        String execute = "";
        Map<String, Object> arguments = Map.of();
        for (Map.Entry<?, ?> member : given.entrySet()) {
            switch ((String) member.getKey()) {
                case EXECUTE -> {
                    if (!(member.getValue() instanceof String name)) {
                        throw new QmpException("QMP input member 'execute' must be a string");
                    }
                    execute = name;
                }
                case ARGUMENTS -> {
                    if (!(member.getValue() instanceof Map<?, ?>)) {
                        throw new QmpException("QMP input member 'arguments' must be an object");
                    }
                    arguments = asObject(member.getValue());
                }
                case ID -> {
                    // Any value will do.
                }
                default ->
                        throw new QmpException(
                                "QMP input member '" + member.getKey() + "' is unexpected");
            }
        }
        if (!given.containsKey(EXECUTE)) {
            throw new QmpException("QMP input lacks member 'execute'");
        }
        return new Request(execute, arguments);
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> asObject(Object value) {
        return (Map<String, Object>) value;
    }
}
