package io.diskport.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.DriverUnavailable;
import io.diskport.fuse.testing.Host;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Dictionary;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.condition.Condition;
import org.osgi.service.log.Logger;

/** What the probe registers and says while something is missing, and afterwards. */
@Timeout(30)
class FuseProbeTest {
    private final List<Object> services = new CopyOnWriteArrayList<>();
    private final List<String> properties = new CopyOnWriteArrayList<>();
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final AtomicReference<Optional<String>> problem =
            new AtomicReference<>(Optional.of("the library is missing"));

    private FuseProbe probe() {
        return new FuseProbe(bundle(), log(), problem::get, 10);
    }

    @Test
    void aMissingLibraryIsSaidOnceAndShownInTheDriversPlace() throws Exception {
        FuseProbe probe = probe();
        try {
            DriverUnavailable shown = (DriverUnavailable) services.get(0);
            assertEquals("export", shown.kind());
            assertEquals("fuse", shown.type());
            assertEquals("the library is missing", shown.reason());
            problem.set(Optional.of("there is no /dev/fuse"));
            Host.await(
                    "the reason follows",
                    Duration.ofSeconds(5),
                    () -> shown.reason().equals("there is no /dev/fuse"));
            assertEquals(1, services.size());
            assertEquals(
                    List.of(
                            "FUSE exports wait: {} the library is missing",
                            "FUSE exports wait: {} there is no /dev/fuse"),
                    lines);
        } finally {
            probe.stop();
        }
        assertEquals(List.of(), services);
    }

    @Test
    void theConditionComesWithoutARestart() throws Exception {
        FuseProbe probe = probe();
        try {
            problem.set(Optional.empty());
            Host.await(
                    "the condition is registered",
                    Duration.ofSeconds(5),
                    () -> services.equals(List.of(Condition.INSTANCE)) && properties.size() == 2);
            assertEquals("{osgi.condition.id=io.diskport.fuse.library}", properties.get(1));
            Host.await("its thread ends", Duration.ofSeconds(5), () -> !probing());
        } finally {
            probe.stop();
        }
        assertEquals(List.of(), services);
    }

    @Test
    void nativeCodeThatCannotBeUsedIsAReasonAndNoFailure() {
        FuseProbe probe =
                new FuseProbe(
                        bundle(),
                        log(),
                        () -> {
                            throw new UnsatisfiedLinkError("no jffi");
                        },
                        10);
        try {
            DriverUnavailable shown = (DriverUnavailable) services.get(0);
            assertTrue(shown.reason().contains("no jffi"), shown.reason());
        } finally {
            probe.stop();
        }
    }

    @Test
    void thisHostHasWhatIsNeeded() {
        Host.requireMounts();
        assertEquals(Optional.empty(), FuseProbe.problem());
    }

    private static boolean probing() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("diskport-fuse-probe"));
    }

    private BundleContext bundle() {
        return fake(
                BundleContext.class,
                (method, arguments) -> {
                    assertEquals("registerService", method);
                    Object service = arguments[1];
                    services.add(service);
                    properties.add(((Dictionary<?, ?>) arguments[2]).toString());
                    return fake(
                            ServiceRegistration.class,
                            (unregister, none) -> {
                                services.remove(service);
                                return null;
                            });
                });
    }

    private Logger log() {
        return fake(
                Logger.class,
                (method, arguments) -> {
                    lines.add(arguments[0] + (arguments.length > 1 ? " " + arguments[1] : ""));
                    return null;
                });
    }

    private interface Answer {
        Object to(String method, Object[] arguments);
    }

    private static <T> T fake(Class<T> type, Answer answer) {
        return type.cast(
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (proxy, method, arguments) -> answer.to(method.getName(), arguments)));
    }
}
