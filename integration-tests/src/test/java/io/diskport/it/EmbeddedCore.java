package io.diskport.it;

import io.diskport.api.manage.Entry;
import io.diskport.api.manage.ExportManager;
import io.diskport.api.manage.NodeManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.jar.JarFile;
import org.apache.felix.framework.FrameworkFactory;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;
import org.osgi.service.cm.ConfigurationAdmin;

/**
 * A framework within the tests, with the distribution's export-core and what that needs. The API's
 * packages are the tests' own, so that a test can be a driver.
 */
final class EmbeddedCore implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(20);
    private final Framework framework;

    private EmbeddedCore(Framework framework) {
        this.framework = framework;
    }

    /** The API that tests call, in the versions that its bundle has. */
    private static String shared() {
        for (Path jar : Distribution.bundles("3")) {
            if (jar.getFileName().toString().startsWith("export-api")) {
                try (JarFile api = new JarFile(jar.toFile())) {
                    return api.getManifest().getMainAttributes().getValue(Constants.EXPORT_PACKAGE)
                            + ",org.osgi.service.cm;version=1.6.1";
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        throw new AssertionError("there is no export-api");
    }

    static EmbeddedCore start(Path folder) throws BundleException {
        Map<String, String> properties = new HashMap<>();
        properties.put(Constants.FRAMEWORK_STORAGE, folder.resolve("cache").toString());
        properties.put(Constants.FRAMEWORK_STORAGE_CLEAN, "onFirstInit");
        properties.put(Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA, shared());
        properties.put("felix.cm.dir", folder.resolve("config").toString());
        EmbeddedCore core = new EmbeddedCore(new FrameworkFactory().newFramework(properties));
        core.framework.start();
        List<Bundle> bundles = new ArrayList<>();
        for (String level : new String[] {"1", "3", "5"}) {
            for (Path jar : Distribution.bundles(level)) {
                String name = jar.getFileName().toString();
                if (!name.startsWith("export-api") && !name.startsWith("native-runtime")) {
                    bundles.add(core.context().installBundle("reference:" + jar.toUri()));
                }
            }
        }
        for (Bundle bundle : bundles) {
            bundle.start();
        }
        return core;
    }

    BundleContext context() {
        return framework.getBundleContext();
    }

    ExportManager exports() {
        return service(ExportManager.class);
    }

    NodeManager nodes() {
        return service(NodeManager.class);
    }

    ConfigurationAdmin configurations() {
        return service(ConfigurationAdmin.class);
    }

    private <S> S service(Class<S> type) {
        Await.until("a service " + type, START, () -> context().getServiceReference(type) != null);
        ServiceReference<S> reference = context().getServiceReference(type);
        return context().getService(reference);
    }

    /** State and reason of an entry, for conditions; empty if there is none. */
    static String state(Optional<? extends Entry> entry) {
        return entry.map(found -> found.state() + " " + found.reason()).orElse("");
    }

    @Override
    public void close() throws BundleException, InterruptedException, TimeoutException {
        framework.stop();
        FrameworkEvent event = framework.waitForStop(TimeUnit.SECONDS.toMillis(15));
        if (event.getType() == FrameworkEvent.WAIT_TIMEDOUT) {
            throw new TimeoutException("the framework does not stop");
        }
    }
}
