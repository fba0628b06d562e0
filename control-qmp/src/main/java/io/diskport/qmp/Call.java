package io.diskport.qmp;

import java.util.Map;

/**
 * One command that a client wants done, its arguments checked.
 *
 * @param arguments as given
 * @param vocabulary the types that there were for the check
 * @param client who wants it
 */
record Call(Map<String, Object> arguments, Vocabulary vocabulary, Client client) {
    /** What a command may do to the client itself. */
    interface Client {
        /** The id of the monitor that the client uses. */
        String monitor();

        /** Events that come from now on are sent behind the answer. */
        void answerFirst();

        /** The negotiation is over. */
        void ready();

        /** Nothing more is taken from the client after the answer. */
        void last();
    }

    /** The text of an argument; empty where it is not given. */
    String text(String name) {
        return arguments.get(name) instanceof String text ? text : "";
    }

    /** The argument that is on or off; off where it is not given. */
    boolean is(String name) {
        return Boolean.TRUE.equals(arguments.get(name));
    }
}
