package io.diskport.testkit;

import io.diskport.api.BlockException;
import io.diskport.api.export.BlockBackend;
import io.diskport.api.export.BlockExportDriver;
import io.diskport.api.manage.DriverEntry;
import io.diskport.api.manage.DriverManager;
import io.diskport.api.manage.EntryState;
import io.diskport.api.manage.ExportManager;
import io.diskport.api.manage.NodeManager;
import io.diskport.api.manage.ObjectManager;
import io.diskport.api.node.BlockNodeDriver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.felix.framework.FrameworkFactory;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.wiring.BundleWiring;

/**
 * A framework within the test, with export-core and the driver under test as a bundle. The API's
 * packages are the test's own, so that a test can be a node or an object for the driver.
 */
public final class TestRuntime implements AutoCloseable {
    private static final String API = "io.diskport.export-api";
    private static final List<String> CORE =
            List.of(
                    "org.apache.felix.configadmin",
                    "org.apache.felix.log",
                    "org.osgi.service.component",
                    "org.osgi.util.function",
                    "org.osgi.util.promise",
                    "org.apache.felix.scr",
                    "io.diskport.export-core");
    private static final long STOP_MILLIS = 15_000;

    private final Framework framework;
    private final Bundle driver;
    private final TestNode.Driver nodes = new TestNode.Driver();
    private final TestExport exports = new TestExport();

    private TestRuntime(Framework framework, Bundle driver) {
        this.framework = framework;
        this.driver = driver;
    }

    /**
     * Starts a framework with the driver.
     *
     * @param folder for what the framework keeps
     * @param driver the driver's jar
     * @param more symbolic names of bundles on the class path that the driver needs beside the API
     */
    public static TestRuntime start(Path folder, Path driver, List<String> more)
            throws BundleException, IOException {
        ClassPathBundles bundles = new ClassPathBundles();
        Framework framework =
                new FrameworkFactory()
                        .newFramework(
                                Map.of(
                                        Constants.FRAMEWORK_STORAGE,
                                        folder.resolve("cache").toString(),
                                        Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA,
                                        ClassPathBundles.header(
                                                bundles.get(API), Constants.EXPORT_PACKAGE),
                                        "felix.cm.dir",
                                        Files.createDirectories(folder.resolve("config"))
                                                .toString(),
                                        "felix.log.level",
                                        "1"));
        framework.start();
        boolean started = false;
        try {
            BundleContext context = framework.getBundleContext();
            List<Bundle> installed = new ArrayList<>();
            for (List<String> names : List.of(CORE, more)) {
                for (String name : names) {
                    installed.add(context.installBundle("reference:" + bundles.get(name).toUri()));
                }
            }
            for (Bundle bundle : installed) {
                bundle.start();
            }
            Bundle tested = tested(context, driver);
            TestRuntime runtime = new TestRuntime(framework, tested);
            tested.start();
            context.registerService(
                    BlockNodeDriver.class,
                    runtime.nodes,
                    new Hashtable<>(Map.of(BlockNodeDriver.DRIVER_PROPERTY, TestNode.Driver.KIND)));
            context.registerService(
                    BlockExportDriver.class,
                    runtime.exports,
                    new Hashtable<>(Map.of(BlockExportDriver.TYPE_PROPERTY, TestExport.TYPE)));
            started = true;
            return runtime;
        } finally {
            if (!started) {
                framework.stop();
            }
        }
    }

    /** The driver's bundle; where it is one of those that the kit needs, it is there already. */
    private static Bundle tested(BundleContext context, Path driver) throws BundleException {
        String name = ClassPathBundles.name(driver).orElse("");
        for (Bundle bundle : context.getBundles()) {
            if (name.equals(bundle.getSymbolicName())) {
                return bundle;
            }
        }
        return context.installBundle(driver.toUri().toString());
    }

    /** The framework, for what is not wrapped here. */
    public BundleContext context() {
        return framework.getBundleContext();
    }

    /** Exports. */
    public ExportManager exports() {
        return service(ExportManager.class);
    }

    /** Nodes. */
    public NodeManager nodes() {
        return service(NodeManager.class);
    }

    /** Objects. */
    public ObjectManager objects() {
        return service(ObjectManager.class);
    }

    /** Drivers. */
    public DriverManager drivers() {
        return service(DriverManager.class);
    }

    private <S> S service(Class<S> type) {
        Await.until("a service " + type, () -> context().getServiceReference(type) != null);
        ServiceReference<S> reference = context().getServiceReference(type);
        return context().getService(reference);
    }

    /**
     * Adds a node that the test holds in its hands.
     *
     * @param length in bytes
     */
    public TestNode node(String name, int length) {
        return nodes.add(nodes(), name, length);
    }

    /**
     * Reopens a node of the test's own, for which its users are drained.
     *
     * @param discard what becomes of discards from then on: unmap or ignore
     */
    void reopen(String name, String discard) throws BlockException {
        nodes().reopen(List.of(TestNode.Driver.options(name, discard)));
    }

    /** What an export of the test's own reads and writes; null if it is not there. */
    BlockBackend backend(String id) {
        return exports.backend(id);
    }

    /** The driver's bundle. */
    public Bundle driver() {
        return driver;
    }

    /** The class loader of the driver's present version. */
    ClassLoader driverLoader() {
        return driver.adapt(BundleWiring.class).getClassLoader();
    }

    /** Waits until the driver serves a type, or another reason is shown for long enough. */
    void awaitServing(String type) {
        Await.until(
                () -> "a driver of type " + type + " serves; the table says: " + drivers().list(),
                () ->
                        drivers().list().stream()
                                .anyMatch(
                                        entry ->
                                                entry.type().equals(type)
                                                        && entry.state()
                                                                == DriverEntry.State.SERVING));
    }

    /** Replaces the driver by itself, as a newer build of it would. */
    public void update() throws BundleException, IOException {
        update(Path.of(java.net.URI.create(driver.getLocation())));
    }

    /** Replaces the driver by another version. */
    public void update(Path version) throws BundleException, IOException {
        try (var in = Files.newInputStream(version)) {
            driver.update(in);
        }
        // Packages that others have from it would keep it.
        framework.adapt(org.osgi.framework.wiring.FrameworkWiring.class).refreshBundles(null);
    }

    /** Whether it is replaced with the framework only, since nothing here goes without it. */
    boolean isCore() {
        return CORE.contains(driver.getSymbolicName());
    }

    /** Waits until an export is in a state. */
    void awaitExport(String id, EntryState state) {
        Await.until(
                () -> "export " + id + " is " + state + "; it is: " + exports().find(id),
                () -> exports().find(id).filter(entry -> entry.state() == state).isPresent());
    }

    @Override
    public void close() throws BundleException, InterruptedException, TimeoutException {
        framework.stop();
        FrameworkEvent event = framework.waitForStop(STOP_MILLIS);
        if (event.getType() == FrameworkEvent.WAIT_TIMEDOUT) {
            throw new TimeoutException(
                    "the framework does not stop within "
                            + TimeUnit.MILLISECONDS.toSeconds(STOP_MILLIS)
                            + " s");
        }
    }
}
