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
 * @param pace how long it may take
 */
record Ending(
        ShutdownMode mode,
        EntryState next,
        String reason,
        String missing,
        boolean delete,
        boolean replacement,
        Pace pace) {
    static Ending deleted(ShutdownMode mode) {
        return new Ending(mode, EntryState.WAITING, "", "", true, false, Pace.NORMAL);
    }

    /** The driver's service has left; its next version may come. */
    static Ending driverLeft() {
        return waiting("its driver has left", "", true, Pace.NORMAL);
    }

    /** An object of the same bundle has left; the next versions of both may come. */
    static Ending togetherWith(Item object) {
        return waiting("waits for " + object.name(), object.key(), true, Pace.NORMAL);
    }

    /** The next version of the driver has not come. */
    static Ending handoverExpired() {
        return waiting("its driver has left", "", false, Pace.WITHOUT_CLIENTS);
    }

    /** Something it needs ends. */
    static Ending without(Item needed, Pace pace) {
        return waiting("waits for " + needed.name(), needed.key(), false, pace);
    }

    /** It was made after nobody wanted it any more. */
    static Ending tooLate() {
        return waiting("", "", false, Pace.WITHOUT_CLIENTS);
    }

    static Ending failed(String reason) {
        return new Ending(
                ShutdownMode.HARD,
                EntryState.FAILED,
                reason,
                "",
                false,
                false,
                Pace.WITHOUT_CLIENTS);
    }

    static Ending daemonStops() {
        return new Ending(
                ShutdownMode.HARD,
                EntryState.WAITING,
                "the daemon is stopping",
                "",
                true,
                false,
                Pace.DAEMON_STOPS);
    }

    private static Ending waiting(String reason, String missing, boolean replacement, Pace pace) {
        return new Ending(
                ShutdownMode.HARD, EntryState.WAITING, reason, missing, false, replacement, pace);
    }
}
