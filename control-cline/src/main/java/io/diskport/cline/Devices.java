package io.diskport.cline;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The char devices of a command line; each is for one monitor. */
final class Devices {
    /**
     * A char device.
     *
     * @param place where in the order it was given
     */
    record Placed(CharDevice device, int place) {}

    private final Map<String, Placed> devices = new LinkedHashMap<>();
    private final Set<String> taken = new HashSet<>();

    void add(CharDevice device, int place) throws BlockException {
        boolean stdio = device.address().containsValue("stdio");
        if (stdio
                && devices.values().stream()
                        .anyMatch(other -> other.device().address().containsValue("stdio"))) {
            throw new BlockException(
                    Reason.IN_USE, "cannot use stdio by multiple character devices");
        }
        if (devices.putIfAbsent(device.id(), new Placed(device, place)) != null) {
            throw new BlockException(
                    Reason.EXISTS, "Duplicate ID '" + device.id() + "' for chardev");
        }
    }

    /** The device for a monitor. */
    Placed take(String id) throws BlockException {
        Placed device = devices.get(id);
        if (device == null) {
            throw new BlockException(
                    Reason.NOT_FOUND,
                    "chardev \"" + id + "\" not found: a --chardev with id=" + id + " goes before");
        }
        if (!taken.add(id)) {
            throw new BlockException(
                    Reason.IN_USE, "Device '" + id + "' is in use: a monitor has it already");
        }
        return device;
    }
}
