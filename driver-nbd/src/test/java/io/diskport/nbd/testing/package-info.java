/** Clients, nodes and a core for the tests. */
package io.diskport.nbd.testing;
