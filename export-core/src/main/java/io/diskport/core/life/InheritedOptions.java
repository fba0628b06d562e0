package io.diskport.core.life;

import io.diskport.api.manage.Kind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a node that is defined inside another takes from it where it says nothing itself.
 *
 * <p>As with QEMU: otherwise {@code raw,read-only=on,file.driver=file,...} would open the file for
 * writing, and {@code cache.direct=on} or {@code discard=unmap} would end above it.
 */
final class InheritedOptions {
    private static final String CACHE = "cache";
    private static final List<String> NAMES =
            List.of("read-only", "auto-read-only", "discard", "force-share");

    private InheritedOptions() {}

    /** The definition with what it takes from the options that it is inside of. */
    static Map<String, Object> of(Kind kind, Map<String, ?> outer, Map<String, Object> definition) {
        Map<String, Object> options = new LinkedHashMap<>(definition);
        if (kind != Kind.NODE) {
            return options;
        }
        for (String name : NAMES) {
            Object value = outer.get(name);
            if (value != null) {
                options.putIfAbsent(name, value);
            }
        }
        if (outer.get(CACHE) instanceof Map<?, ?> cache) {
            // What is no map is an error of its own.
            if (options.getOrDefault(CACHE, Map.of()) instanceof Map<?, ?> own) {
                Map<Object, Object> both = new LinkedHashMap<>(cache);
                both.putAll(own);
                options.put(CACHE, both);
            }
        }
        return options;
    }
}
