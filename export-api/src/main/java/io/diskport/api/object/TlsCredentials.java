package io.diskport.api.object;

import java.io.IOException;
import java.nio.channels.ByteChannel;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Keys and certificates with which one end of a connection secures it by TLS. Exports and nodes
 * that speak over channels refer to it, and know nothing of how it is done.
 */
@ConsumerType
public interface TlsCredentials extends BlockObject {
    /** Which end of a connection the credentials are for. */
    enum Endpoint {
        /** The end that accepts connections. */
        SERVER,
        /** The end that makes them. */
        CLIENT
    }

    /** The end they are for; a user that is the other one refuses them. */
    Endpoint endpoint();

    /**
     * Secures a connection: does the handshake, and returns when both ends have agreed.
     *
     * <p>Blocks as long as the peer takes; whoever wants a deadline closes the channel from another
     * thread, and the call fails. Any thread, many connections at once.
     *
     * @param channel connected and in blocking mode, with nothing read ahead of it. It is the
     *     result's from now on; if the call fails it is the caller's to close
     * @param peerName the name that a server's certificate has to be for (a host name or address);
     *     empty if that is not to be checked, as for the end of a server
     * @throws IOException if the peer cannot be trusted or does not speak TLS; the message says
     *     why, for the log
     */
    TlsChannel secure(ByteChannel channel, String peerName) throws IOException;
}
