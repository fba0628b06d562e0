/** What channels with TLS do in the same way. */
package io.diskport.support.tls;
