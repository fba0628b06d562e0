package io.diskport.api.object;

import io.diskport.api.BlockException;
import io.diskport.api.Handover;
import io.diskport.api.options.ObjectRef;
import java.util.Optional;
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

    /**
     * What the version of the driver before this one left; only while the driver's {@code create}
     * runs. Who calls it owns what is in it. Empty at the second call.
     */
    Optional<Handover> handover();

    /**
     * Says that the object is lost: its users end, and it is made again, with back-off, if a
     * configuration asks for it.
     */
    void ended(Throwable cause);
}
