/**
 * TLS by certificates, through the JDK's own implementation. Start at {@link
 * io.diskport.tls.x509.X509CredentialsDriver}.
 */
package io.diskport.tls.x509;
