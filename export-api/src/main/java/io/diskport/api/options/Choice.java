package io.diskport.api.options;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a sealed interface whose permitted records are alternatives, and each of those records.
 *
 * <pre>{@code
 * @Choice("type")
 * public sealed interface SocketAddress {
 *     @Choice("unix") record Unix(@Option(description = "…") Path path) implements SocketAddress {}
 *     @Choice("inet") record Inet(…) implements SocketAddress {}
 * }
 * }</pre>
 *
 * <p>An option {@code addr} of that type is written {@code addr.type=unix,addr.path=x}.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Choice {
    /** On the interface, the option that tells which; on a record, the value that means it. */
    String value();
}
