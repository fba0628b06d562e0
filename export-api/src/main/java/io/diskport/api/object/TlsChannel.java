package io.diskport.api.object;

import java.nio.channels.ByteChannel;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A connection that is secured by TLS.
 *
 * <p>Reading and writing block: a read returns at least one byte or the end, a write writes all.
 * One thread may read while another writes. Closing it, from any thread, closes the channel below
 * and makes both fail; it does not wait for the peer.
 */
@ConsumerType
public interface TlsChannel extends ByteChannel {
    /**
     * Who the peer is: the distinguished name of its certificate (RFC 4514), or the name of its
     * key; empty if it did not say.
     */
    String peerIdentity();

    /** What was agreed on, for people: {@code TLSv1.3 TLS_AES_256_GCM_SHA384}. */
    String session();
}
