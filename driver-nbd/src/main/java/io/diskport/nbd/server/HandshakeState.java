package io.diskport.nbd.server;

/** How far a handshake is between two options. One thread. */
final class HandshakeState {
    boolean greeted;

    /** Whether the client has sent its flags. */
    boolean flagged;

    boolean noZeroes;
    Reply reply = Reply.SIMPLE;

    /** The metadata contexts that were chosen, as bits, for one export. */
    int contexts;

    String contextsOf = "";

    /** Of what was agreed on in the clear nothing holds under TLS (CVE-2021-3716). */
    void forget() {
        reply = Reply.SIMPLE;
        contexts = 0;
        contextsOf = "";
    }
}
