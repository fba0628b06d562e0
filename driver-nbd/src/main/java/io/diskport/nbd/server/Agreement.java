package io.diskport.nbd.server;

/**
 * What server and client have agreed on when the transmission begins.
 *
 * @param reply how replies are written
 * @param features the transmission flags that the client was told
 * @param contexts the metadata contexts, as bits
 * @param tls who the client is by TLS, with what was agreed on there; empty without TLS
 */
record Agreement(Reply reply, int features, int contexts, java.util.Optional<Tls> tls) {
    /**
     * Of a connection that TLS secures.
     *
     * @param identity who the client is; empty if it did not say
     * @param session for people
     */
    record Tls(String identity, String session) {}

    Rules rules() {
        return new Rules(reply, features, contexts);
    }
}
