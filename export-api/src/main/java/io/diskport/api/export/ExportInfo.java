package io.diskport.api.export;

import java.util.Map;

/**
 * What people and programs may want to know of a running export.
 *
 * @param address where clients find it: a mountpoint, a URI, the path of a socket
 * @param details what else there is to show, in the order given; short values
 */
public record ExportInfo(String address, Map<String, String> details) {
    /** Nothing to show. */
    public static final ExportInfo NONE = new ExportInfo("", Map.of());
}
