package io.diskport.tls.psk;

import static io.diskport.tls.psk.Ends.result;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.object.BlockObjectDriver;
import io.diskport.api.object.TlsChannel;
import io.diskport.api.object.TlsCredentials;
import io.diskport.api.object.TlsCredentials.Endpoint;
import java.lang.reflect.Constructor;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.felix.framework.FrameworkFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;
import org.osgi.util.tracker.ServiceTracker;

/** The built bundle alone in a framework, which has the API and service components and no more. */
class PskCredentialsBundleTest {
    private static final long SECONDS = 30;

    @TempDir Path folder;

    private Framework framework;

    @BeforeEach
    void startFramework() throws Exception {
        framework =
                new FrameworkFactory()
                        .newFramework(
                                Map.of(
                                        Constants.FRAMEWORK_STORAGE,
                                        folder.resolve("bundles").toString(),
                                        Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA,
                                        "io.diskport.api;version=1.0,"
                                                + "io.diskport.api.object;version=1.0,"
                                                + "io.diskport.api.options;version=1.0"));
        framework.start();
    }

    @AfterEach
    void stopFramework() throws Exception {
        framework.stop();
        framework.waitForStop(TimeUnit.SECONDS.toMillis(SECONDS));
    }

    @Test
    void bundleServesWithNothingBesideIt() throws Exception {
        BundleContext context = framework.getBundleContext();
        for (String type :
                new String[] {
                    "org.osgi.util.function.Function",
                    "org.osgi.util.promise.Promise",
                    "org.osgi.service.component.ComponentConstants",
                    "org.apache.felix.scr.impl.Activator"
                }) {
            install(
                    context,
                    Path.of(
                            Class.forName(type, false, getClass().getClassLoader())
                                    .getProtectionDomain()
                                    .getCodeSource()
                                    .getLocation()
                                    .toURI()));
        }
        Bundle bundle;
        try (DirectoryStream<Path> jars =
                Files.newDirectoryStream(Path.of("target"), "tls-psk-*.jar")) {
            bundle = install(context, jars.iterator().next());
        }
        assertNotNull(bundle.getEntry("META-INF/LICENSE-bouncycastle.txt"));
        String capabilities = bundle.getHeaders("").get("Provide-Capability");
        assertTrue(
                capabilities.contains("diskport.driver;kind=object;type=tls-creds-psk"),
                capabilities);

        ServiceTracker<BlockObjectDriver<Record>, BlockObjectDriver<Record>> tracker =
                new ServiceTracker<>(context, BlockObjectDriver.class.getName(), null);
        tracker.open();
        BlockObjectDriver<Record> driver =
                tracker.waitForService(TimeUnit.SECONDS.toMillis(SECONDS));
        assertNotNull(driver);
        assertNotEquals(getClass().getClassLoader(), driver.getClass().getClassLoader());
        assertEquals(
                "tls-creds-psk",
                tracker.getServiceReference().getProperty(BlockObjectDriver.TYPE_PROPERTY));

        Path keys = Ends.keys(folder, "qemu:00112233445566778899aabbccddeeff");
        try (Ends ends = Ends.connect()) {
            CompletableFuture<TlsChannel> server = ends.server(make(driver, keys, Endpoint.SERVER));
            result(ends.client(make(driver, keys, Endpoint.CLIENT)));
            assertEquals("qemu", result(server).peerIdentity());
        }
    }

    private static Bundle install(BundleContext context, Path jar) throws Exception {
        Bundle bundle = context.installBundle(jar.toUri().toString());
        bundle.start();
        return bundle;
    }

    private static TlsCredentials make(
            BlockObjectDriver<Record> driver, Path keys, Endpoint endpoint) throws Exception {
        Constructor<?> options = driver.optionsType().getDeclaredConstructors()[0];
        return (TlsCredentials)
                driver.create(Ends.context(), (Record) options.newInstance(keys, endpoint, "qemu"));
    }
}
