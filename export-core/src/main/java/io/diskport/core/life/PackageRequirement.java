package io.diskport.core.life;

import java.util.Map;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.resource.Namespace;
import org.osgi.resource.Requirement;
import org.osgi.resource.Resource;

/** Asks the framework who exports a package, whatever its version. */
record PackageRequirement(String packageName) implements Requirement {
    @Override
    public String getNamespace() {
        return PackageNamespace.PACKAGE_NAMESPACE;
    }

    @Override
    public Map<String, String> getDirectives() {
        return Map.of(
                Namespace.REQUIREMENT_FILTER_DIRECTIVE,
                "(" + PackageNamespace.PACKAGE_NAMESPACE + "=" + packageName + ")");
    }

    @Override
    public Map<String, Object> getAttributes() {
        return Map.of();
    }

    @Override
    public Resource getResource() {
        return null;
    }
}
