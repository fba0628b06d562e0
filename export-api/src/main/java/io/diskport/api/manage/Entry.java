package io.diskport.api.manage;

import java.util.Map;

/** What exports, nodes and objects have in common when they are shown. */
public sealed interface Entry permits ExportEntry, NodeEntry, ObjectEntry {
    /** Its id or node-name. */
    String id();

    /** Its type or driver. */
    String type();

    /** Where in its life it is. */
    EntryState state();

    /** What it waits for or why it failed; empty if it runs. */
    String reason();

    /** Whether a configuration asks for it. */
    boolean desired();

    /** Its options as they were given, nested as they are. Secrets are left out. */
    Map<String, Object> options();
}
