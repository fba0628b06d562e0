package io.diskport.core.life;

import io.diskport.api.export.BlockExportDriver;
import io.diskport.api.manage.Kind;
import io.diskport.api.node.BlockNodeDriver;
import io.diskport.api.object.BlockObjectDriver;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.osgi.framework.Bundle;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.ReferenceDTO;
import org.osgi.service.component.runtime.dto.UnsatisfiedReferenceDTO;

/** Says in plain words what a driver's component waits for while its bundle is started. */
final class UnsatisfiedComponent {
    private static final String CONDITION = "osgi.ds.satisfying.condition";

    private final ServiceComponentRuntime components;

    UnsatisfiedComponent(ServiceComponentRuntime components) {
        this.components = components;
    }

    /**
     * What the component that is a driver of the type waits for, and what to do; empty if it waits
     * for nothing, and only has not come yet.
     */
    Optional<String> waitsFor(Bundle bundle, Kind kind, String type) {
        String name = UnresolvedBundle.name(bundle);
        for (ComponentDescriptionDTO component : components.getComponentDescriptionDTOs(bundle)) {
            if (type.equals(component.properties.get(typeProperty(kind)))) {
                return waitsFor(component).map(reason -> name + " " + reason);
            }
        }
        return bundle.getState() == Bundle.STARTING
                ? Optional.empty()
                : Optional.of(
                        name
                                + " says that it has this driver, but registers no such service: its"
                                + " component needs the property "
                                + typeProperty(kind)
                                + "="
                                + type);
    }

    /** The components of a bundle that is started which are drivers, whether they serve or not. */
    List<DriverReasons.Declared> drivers(Bundle bundle) {
        List<DriverReasons.Declared> found = new ArrayList<>();
        for (ComponentDescriptionDTO component : components.getComponentDescriptionDTOs(bundle)) {
            for (Kind kind : Kind.values()) {
                if (component.properties.get(typeProperty(kind)) instanceof String type) {
                    found.add(new DriverReasons.Declared(kind, type, bundle));
                }
            }
        }
        return found;
    }

    private static String typeProperty(Kind kind) {
        return switch (kind) {
            case EXPORT -> BlockExportDriver.TYPE_PROPERTY;
            case NODE -> BlockNodeDriver.DRIVER_PROPERTY;
            case OBJECT -> BlockObjectDriver.TYPE_PROPERTY;
        };
    }

    private Optional<String> waitsFor(ComponentDescriptionDTO component) {
        if (!components.isComponentEnabled(component)) {
            return Optional.of("has disabled its component " + component.name);
        }
        Collection<ComponentConfigurationDTO> there =
                components.getComponentConfigurationDTOs(component);
        for (ComponentConfigurationDTO one : there) {
            if (one.state == ComponentConfigurationDTO.FAILED_ACTIVATION) {
                String failure = one.failure == null ? "" : one.failure;
                return Optional.of(
                        "failed to start: "
                                + failure.lines().findFirst().orElse("it does not say why")
                                + "; mend that, and deploy it anew");
            }
            if (one.unsatisfiedReferences.length > 0) {
                return Optional.of(waitsFor(component, one.unsatisfiedReferences[0]));
            }
        }
        return there.isEmpty() && "require".equals(component.configurationPolicy)
                ? Optional.of(
                        "waits for a configuration: put "
                                + String.join(".cfg or ", component.configurationPid)
                                + ".cfg into conf/")
                : Optional.empty();
    }

    private static String waitsFor(
            ComponentDescriptionDTO component, UnsatisfiedReferenceDTO lack) {
        String target = lack.target == null ? "" : " with " + lack.target;
        if (CONDITION.equals(lack.name)) {
            return "waits for the condition"
                    + target.replaceFirst(" with", "")
                    + ", which its probe registers when what it needs is on this host: see the"
                    + " log";
        }
        Optional<ReferenceDTO> reference =
                Arrays.stream(component.references)
                        .filter(declared -> declared.name.equals(lack.name))
                        .findFirst();
        return "waits for a service "
                + reference.map(declared -> declared.interfaceName).orElse(lack.name)
                + target
                + ", which no bundle registers: put one that does into deploy/";
    }
}
