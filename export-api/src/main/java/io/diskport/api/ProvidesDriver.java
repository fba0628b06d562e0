package io.diskport.api;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.osgi.annotation.bundle.Attribute;
import org.osgi.annotation.bundle.Capability;

/**
 * Stands on a driver and puts a capability of namespace {@value #NAMESPACE} into its bundle's
 * manifest, so that a driver which is installed but not in service can be shown with the reason,
 * and a resolver can pick a driver by what it makes.
 */
@Capability(namespace = ProvidesDriver.NAMESPACE)
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface ProvidesDriver {
    /** The capability's namespace. */
    String NAMESPACE = "diskport.driver";

    /** What it makes: export, node or object. */
    @Attribute("kind")
    String kind();

    /** The type it serves, for instance {@code fuse}. */
    @Attribute("type")
    String type();
}
