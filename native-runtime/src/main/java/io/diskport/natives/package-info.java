/**
 * A thin binding to libc for hot paths: static methods on primitives that allocate nothing.
 *
 * <p>Every call answers its result when that is zero or positive, and the negated error number
 * otherwise, as the kernel's own interface does. {@link io.diskport.natives.NativeError} turns such
 * numbers into names and messages. No call is repeated when a signal interrupts it ({@code
 * -EINTR}), and none checks its addresses: that is the caller's part.
 */
@Version("1.2.0")
package io.diskport.natives;

import org.osgi.annotation.versioning.Version;
