package io.diskport.api;

import java.util.Map;
import java.util.Objects;

/**
 * What one version of a driver leaves to the next, so that clients keep their disks while a bundle
 * is replaced.
 *
 * <p>It holds types of the JDK only (numbers, strings, byte arrays, lists, maps, channels), because
 * the class loader of the bundle that made it goes; the one exception is {@code
 * io.diskport.natives.NativeDescriptor} of native-runtime, which is never replaced while the daemon
 * runs. Whatever in it is {@link AutoCloseable}, at any depth of lists and maps, core closes if
 * nobody takes the hand-over in time. Where something has to be undone then (a mount), an {@code
 * AutoCloseable} of the driver's own may do it: it may be called when the bundle has gone, so that
 * it can use no class that is not loaded by then, and whoever takes the hand-over forgets it.
 *
 * @param format what the state is, for instance {@code fuse-kernel}; the next version takes only
 *     what it knows
 * @param major rises when an older version could not read it
 * @param state the state
 */
public record Handover(String format, int major, Map<String, Object> state) {
    /** Checks that everything is there. */
    public Handover {
        Objects.requireNonNull(format);
        state = Map.copyOf(state);
    }

    /** Whether it is of a format and major version. */
    public boolean is(String wantedFormat, int wantedMajor) {
        return format.equals(wantedFormat) && major == wantedMajor;
    }
}
