package io.diskport.vhost.blk;

import io.diskport.natives.NativeDescriptor;
import java.util.HashMap;
import java.util.Map;

/**
 * A queue on its way from one version of the driver to the next, with nothing under way.
 *
 * @param size entries of its ring; 0 if it was not said
 * @param addresses null if they were not said
 * @param started whether it has had its kick
 * @param base where it is to begin; -1 if it has begun
 * @param descriptors see {@link QueueDescriptors}
 */
record QueueState(
        int size,
        Ring.Addresses addresses,
        boolean enabled,
        boolean started,
        int base,
        int lastAvail,
        int usedIndex,
        Map<String, NativeDescriptor> descriptors) {

    /** In types of the JDK, and descriptors. */
    Map<String, Object> save() {
        Map<String, Object> saved = new HashMap<>();
        saved.put("size", size);
        if (addresses != null) {
            saved.put(
                    "addresses",
                    new long[] {addresses.descriptors(), addresses.used(), addresses.avail()});
        }
        saved.put("enabled", enabled);
        saved.put("started", started);
        saved.put("base", base);
        saved.put("last-avail", lastAvail);
        saved.put("used-index", usedIndex);
        saved.put("descriptors", descriptors);
        return saved;
    }

    static QueueState read(Map<?, ?> saved) {
        long[] at = (long[]) saved.get("addresses");
        Map<String, NativeDescriptor> descriptors = new HashMap<>();
        ((Map<?, ?>) saved.get("descriptors"))
                .forEach((name, one) -> descriptors.put((String) name, (NativeDescriptor) one));
        return new QueueState(
                (Integer) saved.get("size"),
                at == null ? null : new Ring.Addresses(at[0], at[1], at[2]),
                (Boolean) saved.get("enabled"),
                (Boolean) saved.get("started"),
                (Integer) saved.get("base"),
                (Integer) saved.get("last-avail"),
                (Integer) saved.get("used-index"),
                descriptors);
    }
}
