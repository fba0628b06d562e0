package io.diskport.core.life;

import io.diskport.api.export.ShutdownMode;
import io.diskport.api.manage.EntryState;

/**
 * Why and how something ends.
 *
 * @param mode what becomes of clients
 * @param next its state afterwards; ignored if it is deleted
 * @param reason what it waits for afterwards, or why it failed
 * @param missing the key of the item it waits for afterwards, empty for none in particular
 * @param delete whether it is gone afterwards
 * @param replacement whether the driver may leave what clients hold to its next version
 * @param clientMillis how long clients may take, for modes that do not wait for them for ever
 */
record Ending(
        ShutdownMode mode,
        EntryState next,
        String reason,
        String missing,
        boolean delete,
        boolean replacement,
        long clientMillis) {
    static final long FLUSH_MILLIS = 1500;
    static final long DELETE_MILLIS = 3000;
    static final long CREATE_MILLIS = 3000;
    static final long SETTLE_MILLIS = 300;
    private static final long CLIENT_MILLIS = 5000;
    private static final long CLIENT_MILLIS_AT_STOP = 2500;

    static Ending deleted(ShutdownMode mode) {
        return new Ending(mode, EntryState.WAITING, "", "", true, false, CLIENT_MILLIS);
    }

    static Ending driverLeft(String reason) {
        return new Ending(
                ShutdownMode.HARD, EntryState.WAITING, reason, "", false, true, CLIENT_MILLIS);
    }

    static Ending waiting(String reason, long clientMillis) {
        return new Ending(
                ShutdownMode.HARD, EntryState.WAITING, reason, "", false, false, clientMillis);
    }

    static Ending without(Item needed, long clientMillis) {
        return new Ending(
                ShutdownMode.HARD,
                EntryState.WAITING,
                "waits for " + needed.name(),
                needed.key(),
                false,
                false,
                clientMillis);
    }

    static Ending failed(String reason) {
        return new Ending(ShutdownMode.HARD, EntryState.FAILED, reason, "", false, false, 0);
    }

    static Ending daemonStops() {
        return new Ending(
                ShutdownMode.HARD,
                EntryState.WAITING,
                "the daemon is stopping",
                "",
                true,
                false,
                CLIENT_MILLIS_AT_STOP);
    }
}
