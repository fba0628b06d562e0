package io.diskport.core.life;

import io.diskport.api.DriverUnavailable;
import io.diskport.api.ProvidesDriver;
import io.diskport.api.manage.Kind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRequirement;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.resource.Namespace;
import org.osgi.util.tracker.ServiceTracker;

/** Says in plain words why a driver that is installed does not serve. */
final class DriverReasons {
    private static final Pattern PACKAGE =
            Pattern.compile("\\(" + Pattern.quote(PackageNamespace.PACKAGE_NAMESPACE) + "=([^)]+)");
    private static final Pattern VERSION = Pattern.compile("(!?)\\(version>=([^)]+)\\)");

    private final BundleContext context;
    private final ServiceTracker<DriverUnavailable, DriverUnavailable> unavailable;

    /** A driver that a bundle says it has. */
    record Declared(Kind kind, String type, Bundle bundle) {}

    DriverReasons(BundleContext context) {
        this.context = context;
        this.unavailable = new ServiceTracker<>(context, DriverUnavailable.class, null);
    }

    void open() {
        unavailable.open();
    }

    void close() {
        unavailable.close();
    }

    /** Every driver that an installed bundle says it has. */
    List<Declared> declared() {
        List<Declared> found = new ArrayList<>();
        for (Bundle bundle : context.getBundles()) {
            BundleRevision revision = bundle.adapt(BundleRevision.class);
            if (revision == null) {
                continue;
            }
            for (BundleCapability capability :
                    revision.getDeclaredCapabilities(ProvidesDriver.NAMESPACE)) {
                Map<String, Object> attributes = capability.getAttributes();
                for (Kind kind : Kind.values()) {
                    if (kind.toString().equals(attributes.get("kind"))) {
                        found.add(
                                new Declared(kind, String.valueOf(attributes.get("type")), bundle));
                    }
                }
            }
        }
        return found;
    }

    /** Why a driver that a bundle has does not serve. */
    String why(Declared driver) {
        return lacking(driver.kind(), driver.type()).orElseGet(() -> why(driver.bundle()));
    }

    /** What the driver's own bundle says it lacks. */
    Optional<String> lacking(Kind kind, String type) {
        for (DriverUnavailable service : unavailable.getServices(new DriverUnavailable[0])) {
            if (service.kind().equals(kind.toString()) && service.type().equals(type)) {
                return Optional.of(service.reason());
            }
        }
        return Optional.empty();
    }

    private String why(Bundle bundle) {
        return switch (bundle.getState()) {
            case Bundle.INSTALLED -> unresolved(bundle);
            case Bundle.RESOLVED -> "its bundle is not started";
            case Bundle.STARTING, Bundle.ACTIVE -> "its component is not satisfied; see scr:info";
            case Bundle.STOPPING -> "its bundle is stopping";
            default -> "its bundle is gone";
        };
    }

    private String unresolved(Bundle bundle) {
        FrameworkWiring wiring =
                context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).adapt(FrameworkWiring.class);
        for (BundleRequirement requirement :
                bundle.adapt(BundleRevision.class).getDeclaredRequirements(null)) {
            Map<String, String> directives = requirement.getDirectives();
            boolean optional =
                    Namespace.RESOLUTION_OPTIONAL.equals(
                            directives.get(Namespace.REQUIREMENT_RESOLUTION_DIRECTIVE));
            boolean later =
                    !directives
                            .getOrDefault(
                                    Namespace.REQUIREMENT_EFFECTIVE_DIRECTIVE,
                                    Namespace.EFFECTIVE_RESOLVE)
                            .equals(Namespace.EFFECTIVE_RESOLVE);
            if (!optional && !later && wiring.findProviders(requirement).isEmpty()) {
                return needs(wiring, requirement);
            }
        }
        return "its bundle is not let in; the log says why";
    }

    private static String needs(FrameworkWiring wiring, BundleRequirement requirement) {
        String filter =
                requirement
                        .getDirectives()
                        .getOrDefault(Namespace.REQUIREMENT_FILTER_DIRECTIVE, "");
        Matcher name = PACKAGE.matcher(filter);
        if (!name.find()) {
            return "it needs " + requirement.getNamespace() + " " + filter;
        }
        String text = "it needs package " + name.group(1) + range(filter);
        Collection<BundleCapability> there =
                wiring.findProviders(new PackageRequirement(name.group(1)));
        if (there.isEmpty()) {
            return text + ", which no bundle exports";
        }
        return text
                + "; this is "
                + there.iterator()
                        .next()
                        .getAttributes()
                        .get(PackageNamespace.CAPABILITY_VERSION_ATTRIBUTE);
    }

    private static String range(String filter) {
        StringBuilder text = new StringBuilder();
        Matcher version = VERSION.matcher(filter);
        while (version.find()) {
            text.append(version.group(1).isEmpty() ? " from " : " up to below ");
            text.append(version.group(2));
        }
        return text.toString();
    }
}
