package io.diskport.api.export;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What people and programs may want to know of a running export.
 *
 * @param address where clients find it: a mountpoint, a URI, the path of a socket
 * @param details what else there is to show, in the order given; short values
 * @param requests one for each operation of the protocol, in the order to show them; empty if the
 *     driver does not count them
 */
public record ExportInfo(String address, Map<String, String> details, List<RequestStats> requests) {
    /** Nothing to show. */
    public static final ExportInfo NONE = new ExportInfo("", Map.of());

    /** Keeps copies that nobody changes. */
    public ExportInfo {
        // Map.copyOf would lose the order.
        details = Collections.unmodifiableMap(new LinkedHashMap<>(details));
        requests = List.copyOf(requests);
    }

    /** Of a driver that does not count its requests. */
    public ExportInfo(String address, Map<String, String> details) {
        this(address, details, List.of());
    }
}
