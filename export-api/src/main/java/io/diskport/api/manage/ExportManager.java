package io.diskport.api.manage;

import io.diskport.api.BlockException;
import io.diskport.api.export.ShutdownMode;
import org.osgi.annotation.versioning.ProviderType;

/** Adds, deletes and shows exports. A service. */
@ProviderType
public interface ExportManager extends Manager<ExportEntry> {
    /**
     * Ends an export. Returns when it is gone for {@link ShutdownMode#SAFE} and {@link
     * ShutdownMode#HARD}, at once for the others. The deletion of one that a configuration asks for
     * holds until that configuration changes or the daemon restarts.
     *
     * @throws BlockException if there is none of that id, it is ending already, or clients use it
     *     and the mode is safe
     */
    void delete(String id, ShutdownMode mode) throws BlockException;
}
