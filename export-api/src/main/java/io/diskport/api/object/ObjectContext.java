package io.diskport.api.object;

import io.diskport.api.BlockException;
import io.diskport.api.options.ObjectRef;
import org.osgi.annotation.versioning.ProviderType;

/** What core lends to a driver for one object. Any thread. */
@ProviderType
public interface ObjectContext {
    /** The object's id. */
    String id();

    /** The object that an option refers to; it stays there until this one is closed. */
    <T extends BlockObject> T object(ObjectRef<T> reference) throws BlockException;

    /** A log whose lines name the object. */
    System.Logger log();

    /** Says that the object is lost: its users end, and it is made again, with back-off. */
    void ended(Throwable cause);
}
