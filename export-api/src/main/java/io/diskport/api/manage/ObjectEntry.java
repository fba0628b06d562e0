package io.diskport.api.manage;

import java.util.List;
import java.util.Map;

/**
 * An object, as it is now.
 *
 * @param id its id
 * @param type its type
 * @param state where in its life it is
 * @param reason what it waits for or why it failed
 * @param desired whether a configuration asks for it
 * @param options as they were given, secrets left out
 * @param details what its driver tells
 * @param users who uses it, for people
 */
public record ObjectEntry(
        String id,
        String type,
        EntryState state,
        String reason,
        boolean desired,
        Map<String, Object> options,
        Map<String, String> details,
        List<String> users)
        implements Entry {}
