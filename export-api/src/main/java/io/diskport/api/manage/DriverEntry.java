package io.diskport.api.manage;

/**
 * A driver that is there, or that is installed and cannot serve.
 *
 * @param kind what it makes
 * @param type the type or driver name it serves
 * @param bundle the symbolic name of its bundle
 * @param version the version of its bundle
 * @param ranking its service.ranking
 * @param state what it does
 * @param reason what it waits for, or a placeholder's message; empty if there is nothing to say
 */
public record DriverEntry(
        Kind kind,
        String type,
        String bundle,
        String version,
        int ranking,
        State state,
        String reason) {
    /** What a driver does. */
    public enum State {
        /** It serves its type. */
        SERVING,
        /** It could, but another of its type goes before it. */
        STANDBY,
        /** It holds the place of a driver that is not there. */
        PLACEHOLDER,
        /** It is installed, and something it needs is missing. */
        NOT_IN_SERVICE;

        /** As people read it: {@code not in service}. */
        @Override
        public String toString() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
        }
    }
}
