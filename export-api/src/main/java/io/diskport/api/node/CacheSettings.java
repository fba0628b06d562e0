package io.diskport.api.node;

import io.diskport.api.options.Option;

/**
 * How a node uses caches.
 *
 * @param direct past the host's page cache (O_DIRECT)
 * @param noFlush flushes are answered without doing anything: fast, and a crash loses data
 */
public record CacheSettings(
        @Option(description = "past the host's page cache (O_DIRECT)", defaultValue = "off")
                boolean direct,
        @Option(description = "ignore flushes: a crash then loses data", defaultValue = "off")
                boolean noFlush) {}
