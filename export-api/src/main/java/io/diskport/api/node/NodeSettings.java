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
 * @param detectZeroes what becomes of writes of nothing but zeroes
 * @param forceShare whether others may do to the storage what they like, at the price of reading
 *     what they have half written
 */
public record NodeSettings(
        @Option(description = "open for reading only", defaultValue = "off") boolean readOnly,
        @Option(
                        description = "fall back to reading only where writing is not permitted",
                        defaultValue = "off")
                boolean autoReadOnly,
        @Option(description = "what becomes of discards", defaultValue = "ignore")
                DiscardMode discard,
        @Option(description = "how caches are used") CacheSettings cache,
        @Option(
                        description =
                                "turn writes of zeroes into the cheaper kind; unmap frees their"
                                        + " space and needs discard=unmap",
                        defaultValue = "off")
                DetectZeroes detectZeroes,
        @Option(
                        description = "read while other processes write; needs read-only=on",
                        defaultValue = "off")
                boolean forceShare) {
    /** Writable, discards ignored, with caches. */
    public static final NodeSettings DEFAULT =
            new NodeSettings(false, false, DiscardMode.IGNORE, new CacheSettings(false, false));

    /** Checks what belongs together. */
    public NodeSettings {
        if (detectZeroes == DetectZeroes.UNMAP && discard != DiscardMode.UNMAP) {
            throw new IllegalArgumentException(
                    "setting detect-zeroes to unmap is not allowed without setting discard"
                            + " operation to unmap: add discard=unmap, or say detect-zeroes=on");
        }
        if (forceShare && !readOnly) {
            throw new IllegalArgumentException(
                    "force-share=on can only be used with read-only images: add read-only=on");
        }
    }

    /** Settings without detection of zeroes and without force-share. */
    public NodeSettings(
            boolean readOnly, boolean autoReadOnly, DiscardMode discard, CacheSettings cache) {
        this(readOnly, autoReadOnly, discard, cache, DetectZeroes.OFF, false);
    }
}
