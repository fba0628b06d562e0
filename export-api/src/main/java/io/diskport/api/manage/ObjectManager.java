package io.diskport.api.manage;

import io.diskport.api.BlockException;
import org.osgi.annotation.versioning.ProviderType;

/** Adds, deletes and shows objects. A service. */
@ProviderType
public interface ObjectManager extends Manager<ObjectEntry> {
    /**
     * Closes an object and returns when it is gone.
     *
     * @throws BlockException if there is none of that id, or it is used; the message names who
     */
    void delete(String id) throws BlockException;
}
