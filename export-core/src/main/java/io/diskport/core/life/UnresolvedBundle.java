package io.diskport.core.life;

import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.Version;
import org.osgi.framework.namespace.BundleNamespace;
import org.osgi.framework.namespace.ExecutionEnvironmentNamespace;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRequirement;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.resource.Namespace;

/** Says in plain words what a bundle needs that does not resolve, and what to do. */
final class UnresolvedBundle {
    private static final Pattern FLOOR = Pattern.compile("(?<!!)\\(version>?=([^)]+)\\)");
    private static final Pattern CEILING = Pattern.compile("!\\(version>=([^)]+)\\)");
    private static final String API = "io.diskport.export-api";

    private final FrameworkWiring wiring;

    UnresolvedBundle(BundleContext context) {
        wiring = context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).adapt(FrameworkWiring.class);
    }

    /** What it needs; empty if all of that is there, so that it is kept out by something else. */
    Optional<String> needs(Bundle bundle) {
        return needs(bundle, new HashSet<>());
    }

    private Optional<String> needs(Bundle bundle, Set<Bundle> seen) {
        BundleRevision revision = bundle.adapt(BundleRevision.class);
        if (revision == null || !seen.add(bundle)) {
            return Optional.empty();
        }
        for (BundleRequirement requirement : revision.getDeclaredRequirements(null)) {
            if (isMandatory(requirement)) {
                Collection<BundleCapability> providers = wiring.findProviders(requirement);
                Optional<String> lack =
                        providers.isEmpty()
                                ? Optional.of(lack(bundle, requirement))
                                : throughAnother(bundle, providers, seen);
                if (lack.isPresent()) {
                    return lack;
                }
            }
        }
        return Optional.empty();
    }

    private static boolean isMandatory(BundleRequirement requirement) {
        Map<String, String> directives = requirement.getDirectives();
        return !Namespace.RESOLUTION_OPTIONAL.equals(
                        directives.get(Namespace.REQUIREMENT_RESOLUTION_DIRECTIVE))
                && directives
                        .getOrDefault(
                                Namespace.REQUIREMENT_EFFECTIVE_DIRECTIVE,
                                Namespace.EFFECTIVE_RESOLVE)
                        .equals(Namespace.EFFECTIVE_RESOLVE);
    }

    /** What those lack who alone could give it. */
    private Optional<String> throughAnother(
            Bundle bundle, Collection<BundleCapability> providers, Set<Bundle> seen) {
        Optional<String> lack = Optional.empty();
        for (BundleCapability provider : providers) {
            Bundle other = provider.getRevision().getBundle();
            lack = other.getState() == Bundle.INSTALLED ? needs(other, seen) : Optional.empty();
            if (lack.isEmpty()) {
                return lack;
            }
        }
        return lack.map(
                why -> name(bundle) + " needs " + name(providers.iterator().next()) + "; " + why);
    }

    private String lack(Bundle bundle, BundleRequirement requirement) {
        String namespace = requirement.getNamespace();
        String filter =
                requirement
                        .getDirectives()
                        .getOrDefault(Namespace.REQUIREMENT_FILTER_DIRECTIVE, "");
        String wanted = value(filter, namespace);
        String text = name(bundle) + " needs ";
        return text
                + switch (namespace) {
                    case PackageNamespace.PACKAGE_NAMESPACE -> packageLack(bundle, wanted, filter);
                    case BundleNamespace.BUNDLE_NAMESPACE ->
                            wanted + range(filter) + ", which is not here: put it into deploy/";
                    case ExecutionEnvironmentNamespace.EXECUTION_ENVIRONMENT_NAMESPACE ->
                            "Java"
                                    + range(filter).replaceFirst("\\.0$", "")
                                    + "; this is "
                                    + Runtime.version().feature()
                                    + ": start Diskport with that Java";
                    default ->
                            namespace
                                    + " "
                                    + filter
                                    + ", which no bundle provides: put one that does into deploy/";
                };
    }

    private String packageLack(Bundle bundle, String wanted, String filter) {
        Collection<BundleCapability> there = wiring.findProviders(new PackageRequirement(wanted));
        if (there.isEmpty()) {
            return "package "
                    + wanted
                    + range(filter)
                    + ", which no bundle exports: put one that does into deploy/";
        }
        BundleCapability provider = there.iterator().next();
        Version version =
                Version.valueOf(
                        String.valueOf(
                                provider.getAttributes()
                                        .get(PackageNamespace.CAPABILITY_VERSION_ATTRIBUTE)));
        String exporter = shortName(provider.getRevision().getSymbolicName());
        return exporter
                + range(filter)
                + " ("
                + wanted
                + "); this is "
                + plain(version)
                + ": "
                + remedy(bundle, provider, isOlder(version, filter));
    }

    private static String remedy(Bundle bundle, BundleCapability provider, boolean older) {
        String symbolicName = provider.getRevision().getSymbolicName();
        String another =
                "deploy "
                        + withArticle(shortName(bundle.getSymbolicName()))
                        + " that was built for this one";
        if (!older) {
            return another;
        }
        String newer =
                API.equals(symbolicName)
                        ? "run a newer Diskport"
                        : "deploy a newer " + shortName(symbolicName);
        return newer + ", or " + another;
    }

    private static String withArticle(String name) {
        return ("aeiou".indexOf(name.charAt(0)) < 0 ? "a " : "an ") + name;
    }

    private static boolean isOlder(Version version, String filter) {
        Matcher floor = FLOOR.matcher(filter);
        return floor.find() && version.compareTo(Version.valueOf(floor.group(1))) < 0;
    }

    private static String value(String filter, String attribute) {
        Matcher value =
                Pattern.compile("\\(" + Pattern.quote(attribute) + "=([^)]+)\\)").matcher(filter);
        return value.find() ? value.group(1) : filter;
    }

    private static String range(String filter) {
        Matcher floor = FLOOR.matcher(filter);
        Matcher ceiling = CEILING.matcher(filter);
        return (floor.find() ? " " + plain(Version.valueOf(floor.group(1))) : "")
                + (ceiling.find()
                        ? " up to below " + plain(Version.valueOf(ceiling.group(1)))
                        : "");
    }

    private static String name(BundleCapability capability) {
        return name(capability.getRevision().getBundle());
    }

    /** A bundle as people call it: {@code driver-x 1.2}. */
    static String name(Bundle bundle) {
        return shortName(bundle.getSymbolicName()) + " " + plain(bundle.getVersion());
    }

    private static String shortName(String symbolicName) {
        return String.valueOf(symbolicName).replaceFirst("^io\\.diskport\\.(?=[^.]+$)", "");
    }

    /** A version without zeroes that say nothing. */
    private static String plain(Version version) {
        String text = version.getMajor() + "." + version.getMinor();
        return version.getMicro() == 0 && version.getQualifier().isEmpty()
                ? text
                : version.toString();
    }
}
