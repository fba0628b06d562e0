package io.diskport.api.manage;

import java.util.Map;

/**
 * A client of an export.
 *
 * @param description who it is
 * @param details what else its driver tells
 * @param requests requests it has finished
 * @param bytes bytes it has read and written
 */
public record ClientEntry(
        String description, Map<String, String> details, long requests, long bytes) {}
