/**
 * TLS by keys that both ends know, which the JDK does not have: Bouncy Castle does the protocol.
 * Start at {@link io.diskport.tls.psk.PskCredentialsDriver}.
 */
package io.diskport.tls.psk;
