package io.diskport.api.export;

import org.osgi.annotation.versioning.ProviderType;

/**
 * Somebody who uses an export: a connection, an open file handle, a front-end. Counts for {@link
 * ShutdownMode#SAFE}, and is shown to people. Any thread.
 */
@ProviderType
public interface Client extends AutoCloseable {
    /** The export's backend, whose requests are counted for this client as well. */
    BlockBackend backend();

    /** Adds or replaces something to show, for instance {@code tls} and the identity. */
    void detail(String name, String value);

    /** The client is gone. Idempotent, does not block. */
    @Override
    void close();
}
