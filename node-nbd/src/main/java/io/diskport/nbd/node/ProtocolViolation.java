package io.diskport.nbd.node;

import java.io.IOException;

/** The server sent what it must not send: nothing that follows can be believed. */
final class ProtocolViolation extends IOException {
    private static final long serialVersionUID = 1L;

    ProtocolViolation(String what) {
        super("the server breaks the NBD protocol: " + what);
    }
}
