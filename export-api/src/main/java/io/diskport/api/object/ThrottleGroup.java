package io.diskport.api.object;

import org.osgi.annotation.versioning.ConsumerType;

/** Limits that several users share. */
@ConsumerType
public interface ThrottleGroup extends BlockObject {
    /**
     * Accounts for one request, which is then to be started after the time returned. Any thread,
     * does not block.
     *
     * @param write whether it writes
     * @param length bytes
     * @return nanoseconds to wait, 0 if none
     */
    long reserve(boolean write, long length);

    /** Whether a request of that length could be started now; it is accounted for if so. */
    boolean tryReserve(boolean write, long length);

    /**
     * Takes back what was accounted for a request that was not started after all. Any thread, does
     * not block.
     */
    void cancel(boolean write, long length);
}
