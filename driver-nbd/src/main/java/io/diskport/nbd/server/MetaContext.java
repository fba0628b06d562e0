package io.diskport.nbd.server;

import io.diskport.nbd.protocol.Nbd;
import java.util.ArrayList;
import java.util.List;

/** What clients may ask of the state of data (section "Metadata querying"). */
enum MetaContext {
    /** Holes and zeroes. */
    ALLOCATION(Nbd.BASE_ALLOCATION),
    /** Which layer holds the data: a context of QEMU's (its docs/interop/nbd.txt). */
    DEPTH("qemu:allocation-depth");

    private final String label;

    MetaContext(String label) {
        this.label = label;
    }

    String label() {
        return label;
    }

    /** Its number on the wire. */
    int id() {
        return ordinal() + 1;
    }

    /** Its bit in a set of contexts. */
    int bit() {
        return 1 << ordinal();
    }

    /** Those that an export has. */
    static List<MetaContext> of(NbdExport export) {
        return export.hasAllocationDepth() ? List.of(values()) : List.of(ALLOCATION);
    }

    /**
     * Those of an export that a client's query means.
     *
     * @param list whether the query may be for all of a namespace, {@code base:}
     */
    static List<MetaContext> matching(NbdExport export, String query, boolean list) {
        List<MetaContext> found = new ArrayList<>();
        for (MetaContext context : of(export)) {
            String namespace = context.label.substring(0, context.label.indexOf(':') + 1);
            if (context.label.equals(query) || list && namespace.equals(query)) {
                found.add(context);
            }
        }
        return found;
    }
}
