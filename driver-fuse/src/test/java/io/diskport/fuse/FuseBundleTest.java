package io.diskport.fuse;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the built bundle says of the driver. */
class FuseBundleTest {
    private JarFile bundle;

    @BeforeEach
    void openTheBundle() throws IOException {
        try (DirectoryStream<Path> jars =
                Files.newDirectoryStream(Path.of("target"), "driver-fuse-*.jar")) {
            bundle = new JarFile(jars.iterator().next().toFile());
        }
    }

    @AfterEach
    void closeTheBundle() throws IOException {
        bundle.close();
    }

    private String header(String name) throws IOException {
        return String.valueOf(bundle.getManifest().getMainAttributes().getValue(name));
    }

    private String component(Class<?> type) throws IOException {
        String entry = "OSGI-INF/" + type.getName() + ".xml";
        return new String(
                bundle.getInputStream(bundle.getEntry(entry)).readAllBytes(),
                StandardCharsets.UTF_8);
    }

    @Test
    void theDriverWaitsForTheProbesCondition() throws IOException {
        String xml = component(FuseExportDriver.class);
        assertTrue(xml.contains("v1.5.0"), xml);
        assertTrue(
                xml.contains(
                        "name=\"osgi.ds.satisfying.condition.target\" type=\"String\""
                                + " value=\"(osgi.condition.id=io.diskport.fuse.library)\""),
                xml);
        assertTrue(xml.contains("name=\"diskport.export.type\" type=\"String\" value=\"fuse\""));
    }

    @Test
    void theProbeStartsByItself() throws IOException {
        assertTrue(component(FuseProbe.class).contains("immediate=\"true\""));
    }

    @Test
    void theBundleCarriesTheDriverCapabilityAndExportsNothing() throws IOException {
        String capabilities = header("Provide-Capability");
        assertTrue(capabilities.contains("diskport.driver;kind=export;type=fuse"), capabilities);
        assertTrue(header("Export-Package").equals("null"), header("Export-Package"));
        assertFalse(bundle.stream().anyMatch(entry -> entry.getName().startsWith("jnr/")));
    }
}
