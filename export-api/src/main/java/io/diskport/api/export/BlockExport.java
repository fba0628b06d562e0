package io.diskport.api.export;

import io.diskport.api.Handover;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/** One running export, as core steers it; the calls of one export come one at a time. */
@ConsumerType
public interface BlockExport {
    /**
     * Begins to drop the clients in the way the mode says, and takes no new ones. Does not wait.
     * May be called again with a harder mode.
     */
    void requestShutdown(ShutdownMode mode);

    /**
     * Frees everything, within 3 s, whatever clients do. Called once. The backend fails every call
     * by then, so requests that wait come back; one that hangs in its node all the same is left
     * behind, and its client gets an error or loses its connection.
     */
    void delete();

    /** The node's length is another now. Does not block. */
    default void resized(long length) {}

    /** What people may want to know; any time, any thread. */
    default ExportInfo info() {
        return ExportInfo.NONE;
    }

    /**
     * Ends the service but keeps what clients hold, for the driver's next version. Waits until no
     * request of this export is in flight, at most 5 s.
     *
     * <p>After a hand-over was returned, neither {@link #delete} nor anything else is called any
     * more, and nothing of this export's threads, classes or callbacks is left.
     *
     * @return empty if that cannot be done: the export goes on as before, and is ended instead
     */
    default Optional<Handover> suspend() {
        return Optional.empty();
    }
}
