package io.diskport.api.object;

import org.osgi.annotation.versioning.ConsumerType;

/** Says which peers are let in. */
@ConsumerType
public interface Authorization extends BlockObject {
    /**
     * Whether a peer is let in. Any thread, does not block.
     *
     * @param identity as {@link TlsChannel#peerIdentity} gives it; empty is nobody's, and is
     *     refused unless everybody is let in
     */
    boolean allows(String identity);
}
