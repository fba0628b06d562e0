package io.diskport.core.life;

/**
 * How long the steps of an ending may take, in milliseconds. What takes longer is left behind.
 *
 * @param clients until clients have left, in modes that do not wait for them for ever
 * @param flush until what was written is on stable storage
 * @param delete until the driver has freed everything
 */
record Pace(long clients, long flush, long delete) {
    /** Together with what else an ending does, 10 s for an export. */
    static final Pace NORMAL = new Pace(5000, 1000, 3000);

    /** The same, but clients are not waited for. */
    static final Pace WITHOUT_CLIENTS = new Pace(0, 1000, 3000);

    /** An export and the node beneath end within 9 s. */
    static final Pace DAEMON_STOPS = new Pace(2000, 1000, 2000);

    /** How long a driver may take to begin a shutdown, which is not to wait. */
    static final long REQUEST = 500;

    /** How long a driver's call that makes something is waited for. */
    static final long CREATE = 3000;

    /** How long requests may take to fail once the backend has ended. */
    static final long SETTLE = 300;
}
