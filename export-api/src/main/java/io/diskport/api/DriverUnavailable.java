package io.diskport.api;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * A service that a bundle registers for as long as its driver cannot serve on this host, so that
 * people see why. It goes when the driver comes.
 */
@ConsumerType
public interface DriverUnavailable {
    /** What the driver makes: export, node or object. */
    String kind();

    /** The type that it would serve. */
    String type();

    /** One line: what is missing, and how to get it. Any thread; does not block. */
    String reason();
}
