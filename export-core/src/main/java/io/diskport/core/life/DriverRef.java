package io.diskport.core.life;

import io.diskport.api.export.BlockExportDriver;
import io.diskport.api.manage.Kind;
import io.diskport.api.node.BlockNodeDriver;
import io.diskport.api.object.BlockObjectDriver;
import java.util.HashSet;
import java.util.Set;

/** A driver service in the table, from its registration until the last thing it made has ended. */
final class DriverRef {
    /**
     * What is known of it.
     *
     * @param placeholder the message of a placeholder, empty for a driver that serves
     */
    record Identity(
            Kind kind,
            String type,
            String bundle,
            long bundleId,
            BundleVersion version,
            int ranking,
            String placeholder) {}

    /** A version that compares as OSGi's do, without a class of OSGi's. */
    record BundleVersion(int major, int minor, int micro, String qualifier)
            implements Comparable<BundleVersion> {
        @Override
        public int compareTo(BundleVersion other) {
            int result = Integer.compare(major, other.major);
            result = result != 0 ? result : Integer.compare(minor, other.minor);
            result = result != 0 ? result : Integer.compare(micro, other.micro);
            return result != 0 ? result : qualifier.compareTo(other.qualifier);
        }

        @Override
        public String toString() {
            String text = major + "." + minor + "." + micro;
            return qualifier.isEmpty() ? text : text + "." + qualifier;
        }
    }

    private volatile Identity identity;
    private final Object service;

    /** What it has made and that has not ended; guarded by the graph. */
    final Set<Run> runs = new HashSet<>();

    DriverRef(Identity identity, Object service) {
        this.identity = identity;
        this.service = service;
    }

    Identity identity() {
        return identity;
    }

    /** Its ranking is another now. */
    void identity(Identity now) {
        identity = now;
    }

    boolean isPlaceholder() {
        return !identity.placeholder().isEmpty();
    }

    /** The service as a driver of exports; nothing is known of its options' type here. */
    @SuppressWarnings("unchecked")
    BlockExportDriver<Record> exports() {
        return (BlockExportDriver<Record>) service;
    }

    @SuppressWarnings("unchecked")
    BlockNodeDriver<Record> nodes() {
        return (BlockNodeDriver<Record>) service;
    }

    @SuppressWarnings("unchecked")
    BlockObjectDriver<Record> objects() {
        return (BlockObjectDriver<Record>) service;
    }

    Class<? extends Record> optionsType() {
        return switch (identity.kind()) {
            case EXPORT -> exports().optionsType();
            case NODE -> nodes().optionsType();
            case OBJECT -> objects().optionsType();
        };
    }
}
