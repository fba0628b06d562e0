package io.diskport.nbd.node;

import io.diskport.api.object.TlsCredentials;
import io.diskport.nbd.protocol.NbdUri;
import java.util.Optional;

/**
 * Whom a node talks to.
 *
 * @param address its export
 * @param credentials where the connection has to be secured
 * @param certificateName what the server's certificate has to be for; empty if any will do
 */
record Peer(NbdUri address, Optional<TlsCredentials> credentials, String certificateName) {}
