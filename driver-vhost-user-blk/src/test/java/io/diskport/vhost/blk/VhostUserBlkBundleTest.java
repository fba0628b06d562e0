package io.diskport.vhost.blk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the built bundle says of the driver. */
class VhostUserBlkBundleTest {
    private JarFile bundle;

    @BeforeEach
    void openTheBundle() throws IOException {
        try (DirectoryStream<Path> jars =
                Files.newDirectoryStream(Path.of("target"), "driver-vhost-user-blk-*.jar")) {
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
        try (InputStream in = bundle.getInputStream(bundle.getEntry(entry))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void theDriverWaitsForTheProbesCondition() throws IOException {
        String xml = component(VhostUserBlkDriver.class);
        assertTrue(
                xml.contains(
                        "name=\"osgi.ds.satisfying.condition.target\" type=\"String\""
                                + " value=\"(osgi.condition.id="
                                + VhostUserBlkProbe.CONDITION
                                + ")\""),
                xml);
        assertTrue(
                xml.contains(
                        "name=\"diskport.export.type\" type=\"String\" value=\"vhost-user-blk\""),
                xml);
        assertTrue(xml.contains("interface=\"io.diskport.api.export.BlockExportDriver\""), xml);
    }

    @Test
    void theProbeStartsByItself() throws IOException {
        assertTrue(component(VhostUserBlkProbe.class).contains("immediate=\"true\""));
    }

    @Test
    void theBundleCarriesTheDriversCapability() throws IOException {
        String capabilities = header("Provide-Capability").replace("\"", "");
        assertTrue(
                capabilities.contains("diskport.driver;kind=export;type=vhost-user-blk"),
                capabilities);
    }

    @Test
    void nothingIsExportedAndNothingOfOthersIsInside() throws IOException {
        assertEquals("null", header("Export-Package"));
        assertEquals("null", header("DynamicImport-Package"));
        List<String> foreign =
                bundle.stream()
                        .map(java.util.zip.ZipEntry::getName)
                        .filter(name -> name.endsWith(".class"))
                        .filter(name -> !name.startsWith("io/diskport/vhost/"))
                        .filter(name -> !name.startsWith("io/diskport/support/"))
                        .toList();
        assertEquals(List.of(), foreign);
        assertFalse(
                bundle.stream().anyMatch(entry -> entry.getName().contains("testing")),
                "tests inside");
    }
}
