/**
 * JSON as QEMU's monitors read and write it: several values in a stream, single quotes permitted,
 * errors in its words, and keys in its order.
 *
 * <p>A value is a Map, a List, a String, a Long, a BigInteger (of what a long cannot hold and 64
 * bits without a sign can), a Double, a Boolean or {@link io.diskport.qmp.json.JsonNull}.
 */
package io.diskport.qmp.json;
