package io.diskport.api.manage;

import java.util.List;
import java.util.Map;

/**
 * A node, as it is now.
 *
 * @param id its node-name
 * @param type its driver
 * @param length in bytes, -1 while it is not open
 * @param allocatedLength in bytes, -1 while it is not open
 * @param readOnly whether it cannot be written
 * @param state where in its life it is
 * @param reason what it waits for or why it failed
 * @param desired whether a configuration asks for it
 * @param options as they were given
 * @param details what its driver tells
 * @param children the nodes it stands on
 * @param users who uses it, for people: {@code export 'a' (read, write)}
 */
public record NodeEntry(
        String id,
        String type,
        long length,
        long allocatedLength,
        boolean readOnly,
        EntryState state,
        String reason,
        boolean desired,
        Map<String, Object> options,
        Map<String, String> details,
        List<String> children,
        List<String> users)
        implements Entry {}
