/** A front-end without a guest, a node and a core for the tests and the benchmark. */
package io.diskport.vhost.blk.testing;
