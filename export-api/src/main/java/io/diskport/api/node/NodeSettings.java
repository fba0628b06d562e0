package io.diskport.api.node;

import io.diskport.api.options.Option;

/**
 * The options that every node has, beside those of its driver. Core itself refuses writes to a
 * read-only node, ignores discards and flushes where told so; a driver has to look at what concerns
 * how it opens its storage.
 *
 * @param readOnly open for reading only
 * @param autoReadOnly open for reading only if writing is not permitted
 * @param discard what becomes of discards
 * @param cache how caches are used
 */
public record NodeSettings(
        @Option(description = "open for reading only", defaultValue = "off") boolean readOnly,
        @Option(
                        description = "fall back to reading only where writing is not permitted",
                        defaultValue = "off")
                boolean autoReadOnly,
        @Option(description = "what becomes of discards", defaultValue = "ignore")
                DiscardMode discard,
        @Option(description = "how caches are used") CacheSettings cache) {
    /** Writable, discards ignored, with caches. */
    public static final NodeSettings DEFAULT =
            new NodeSettings(false, false, DiscardMode.IGNORE, new CacheSettings(false, false));
}
