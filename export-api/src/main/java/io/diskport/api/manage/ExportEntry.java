package io.diskport.api.manage;

import io.diskport.api.export.ExportInfo;
import java.util.List;
import java.util.Map;

/**
 * An export, as it is now.
 *
 * @param id its id
 * @param type its type
 * @param nodeName the node it exports
 * @param writable whether clients may write
 * @param state where in its life it is
 * @param reason what it waits for or why it failed
 * @param desired whether a configuration asks for it
 * @param options as they were given
 * @param info what its driver tells
 * @param stats its counters
 * @param clients who uses it
 */
public record ExportEntry(
        String id,
        String type,
        String nodeName,
        boolean writable,
        EntryState state,
        String reason,
        boolean desired,
        Map<String, Object> options,
        ExportInfo info,
        BlockStats stats,
        List<ClientEntry> clients)
        implements Entry {}
