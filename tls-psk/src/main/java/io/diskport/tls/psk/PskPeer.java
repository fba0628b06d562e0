package io.diskport.tls.psk;

import java.io.IOException;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsFatalAlertReceived;

/** What a channel asks of the side of the protocol that it is on. */
interface PskPeer {
    /** The name of the key that was agreed on. */
    String identity();

    /** The version and the ciphers that were agreed on. */
    String session();

    /** Says what a failure of the handshake that this end found means, for the log. */
    IOException explained(TlsFatalAlert e);

    /** Says what a failure of the handshake that the peer found means, for the log. */
    IOException explained(TlsFatalAlertReceived e);
}
