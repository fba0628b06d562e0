package io.diskport.core.life;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.diskport.api.manage.Kind;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.Version;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.ReferenceDTO;
import org.osgi.service.component.runtime.dto.UnsatisfiedReferenceDTO;

class UnsatisfiedComponentTest {
    private final ComponentDescriptionDTO component = new ComponentDescriptionDTO();
    private final List<ComponentConfigurationDTO> configurations = new ArrayList<>();
    private int bundleState = Bundle.ACTIVE;
    private boolean enabled = true;

    UnsatisfiedComponentTest() {
        component.name = "org.example.Driver";
        component.properties = Map.of("diskport.node.driver", "x");
        component.configurationPolicy = "optional";
        component.configurationPid = new String[] {"org.example.driver"};
        component.references = new ReferenceDTO[0];
    }

    @Test
    void oneThatIsBeingStartedWaitsForNothing() {
        assertEquals(Optional.empty(), waitsFor("x"));
        configuration(ComponentConfigurationDTO.SATISFIED);
        assertEquals(Optional.empty(), waitsFor("x"));
    }

    @Test
    void aConfigurationThatItRequires() {
        component.configurationPolicy = "require";
        assertEquals(
                Optional.of(
                        "driver-x 1.2 waits for a configuration: put org.example.driver.cfg into"
                                + " conf/"),
                waitsFor("x"));
        configuration(ComponentConfigurationDTO.SATISFIED);
        assertEquals(Optional.empty(), waitsFor("x"));
    }

    @Test
    void aServiceByItsInterface() {
        ReferenceDTO reference = new ReferenceDTO();
        reference.name = "power";
        reference.interfaceName = "org.example.Power";
        component.references = new ReferenceDTO[] {reference};
        configuration(ComponentConfigurationDTO.UNSATISFIED_REFERENCE).unsatisfiedReferences =
                new UnsatisfiedReferenceDTO[] {lack("power", null)};
        assertEquals(
                Optional.of(
                        "driver-x 1.2 waits for a service org.example.Power, which no bundle"
                                + " registers: put one that does into deploy/"),
                waitsFor("x"));
    }

    @Test
    void aConditionOfAProbe() {
        configuration(ComponentConfigurationDTO.UNSATISFIED_REFERENCE).unsatisfiedReferences =
                new UnsatisfiedReferenceDTO[] {
                    lack("osgi.ds.satisfying.condition", "(osgi.condition.id=libx)")
                };
        assertEquals(
                Optional.of(
                        "driver-x 1.2 waits for the condition (osgi.condition.id=libx), which its"
                                + " probe registers when what it needs is on this host: see the"
                                + " log"),
                waitsFor("x"));
    }

    @Test
    void aFailureByItsFirstLine() {
        configuration(ComponentConfigurationDTO.FAILED_ACTIVATION).failure =
                "java.lang.IllegalStateException: no power\n\tat org.example.Driver";
        assertEquals(
                Optional.of(
                        "driver-x 1.2 failed to start: java.lang.IllegalStateException: no power;"
                                + " mend that, and deploy it anew"),
                waitsFor("x"));
    }

    @Test
    void oneThatIsDisabled() {
        enabled = false;
        assertEquals(
                Optional.of("driver-x 1.2 has disabled its component org.example.Driver"),
                waitsFor("x"));
    }

    @Test
    void aComponentThatIsNoDriverOfTheType() {
        assertEquals(
                Optional.of(
                        "driver-x 1.2 says that it has this driver, but registers no such service:"
                                + " its component needs the property diskport.node.driver=y"),
                waitsFor("y"));
        bundleState = Bundle.STARTING;
        assertEquals(Optional.empty(), waitsFor("y"));
    }

    private static UnsatisfiedReferenceDTO lack(String name, String target) {
        UnsatisfiedReferenceDTO lack = new UnsatisfiedReferenceDTO();
        lack.name = name;
        lack.target = target;
        return lack;
    }

    private ComponentConfigurationDTO configuration(int state) {
        ComponentConfigurationDTO configuration = new ComponentConfigurationDTO();
        configuration.state = state;
        configuration.unsatisfiedReferences = new UnsatisfiedReferenceDTO[0];
        configurations.add(configuration);
        return configuration;
    }

    private Optional<String> waitsFor(String type) {
        ServiceComponentRuntime runtime =
                fake(
                        ServiceComponentRuntime.class,
                        Map.of(
                                "getComponentDescriptionDTOs", List.of(component),
                                "getComponentConfigurationDTOs", configurations,
                                "isComponentEnabled", enabled));
        Bundle bundle =
                fake(
                        Bundle.class,
                        Map.of(
                                "getSymbolicName",
                                "io.diskport.driver-x",
                                "getVersion",
                                new Version("1.2.0"),
                                "getState",
                                bundleState));
        return new UnsatisfiedComponent(runtime).waitsFor(bundle, Kind.NODE, type);
    }

    private static <T> T fake(Class<T> type, Map<String, Object> answers) {
        return type.cast(
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (proxy, method, arguments) -> answers.get(method.getName())));
    }
}
