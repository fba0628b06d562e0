package io.diskport.api.export;

import io.diskport.api.BlockException;
import io.diskport.api.Handover;
import io.diskport.api.object.BlockObject;
import io.diskport.api.options.ObjectRef;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.osgi.annotation.versioning.ProviderType;

/** What core lends to a driver for one export. Any thread. */
@ProviderType
public interface ExportContext {
    /** The export's id. */
    String id();

    /** The exported node. */
    BlockBackend backend();

    /** A bounded pool of platform threads, of the node or of the export's iothread. */
    Executor executor();

    /** A log whose lines name the export. */
    System.Logger log();

    /** The object that an option refers to; it stays there until the export has ended. */
    <T extends BlockObject> T object(ObjectRef<T> reference) throws BlockException;

    /**
     * What the version of the driver before this one left; only while the driver's {@code create}
     * runs. Who calls it owns what is in it. Empty at the second call.
     */
    Optional<Handover> handover();

    /**
     * Registers a client.
     *
     * @param description for people, for instance {@code 127.0.0.1:40312} or {@code handle 7}
     * @throws BlockException if the export takes no new clients any more
     */
    Client client(String description) throws BlockException;

    /**
     * Says that the export stopped by itself (its mount was taken away, its socket died). Core then
     * calls {@link BlockExport#delete}.
     *
     * @param cause its message is shown to people
     */
    void ended(Throwable cause);
}
