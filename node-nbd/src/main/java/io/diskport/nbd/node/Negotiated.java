package io.diskport.nbd.node;

import java.nio.channels.ByteChannel;

/**
 * What a handshake leads to.
 *
 * @param channel the connection, secured where that was wanted
 * @param inbound what was read ahead of it
 * @param export what the server said of the export
 * @param tlsSession what TLS agreed on; empty without it
 */
record Negotiated(ByteChannel channel, Inbound inbound, RemoteExport export, String tlsSession) {}
