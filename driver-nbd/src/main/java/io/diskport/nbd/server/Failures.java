package io.diskport.nbd.server;

import io.diskport.api.BlockIOException;
import io.diskport.nbd.protocol.Nbd;
import java.lang.System.Logger.Level;

/** What clients are told of requests that failed in the node. Any thread. */
record Failures(System.Logger log) {
    /** An error, or a mistake of the node's driver, which is logged and costs only the request. */
    Rules.Refusal of(Throwable failure) {
        if (failure instanceof BlockIOException error) {
            return new Rules.Refusal(Reply.error(error.errno()), error.getMessage());
        }
        log.log(Level.ERROR, "An NBD request failed in an unexpected way", failure);
        return new Rules.Refusal(Nbd.EIO, "internal error: " + failure);
    }
}
