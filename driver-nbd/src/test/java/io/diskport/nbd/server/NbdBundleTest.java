package io.diskport.nbd.server;

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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the built bundle says of the drivers. */
class NbdBundleTest {
    private JarFile bundle;

    @BeforeEach
    void openTheBundle() throws IOException {
        try (DirectoryStream<Path> jars =
                Files.newDirectoryStream(Path.of("target"), "driver-nbd-*.jar")) {
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

    @ParameterizedTest
    @CsvSource({"export, nbd", "object, nbd-server"})
    void theBundleCarriesTheDriversCapabilities(String kind, String type) throws IOException {
        String capabilities = header("Provide-Capability");
        assertTrue(
                capabilities.contains("diskport.driver;kind=" + kind + ";type=" + type + ",")
                        || capabilities.endsWith("diskport.driver;kind=" + kind + ";type=" + type)
                        || capabilities.contains(
                                "diskport.driver;kind=" + kind + ";type=\"" + type + "\""),
                capabilities);
    }

    @Test
    void theExportDriverIsAComponent() throws IOException {
        String xml = component(NbdExportDriver.class);
        assertTrue(
                xml.contains("name=\"diskport.export.type\" type=\"String\" value=\"nbd\""), xml);
        assertTrue(xml.contains("interface=\"io.diskport.api.export.BlockExportDriver\""), xml);
    }

    @Test
    void theServerDriverIsAComponent() throws IOException {
        String xml = component(NbdServerDriver.class);
        assertTrue(
                xml.contains("name=\"diskport.object.type\" type=\"String\" value=\"nbd-server\""),
                xml);
        assertTrue(xml.contains("interface=\"io.diskport.api.object.BlockObjectDriver\""), xml);
    }

    @Test
    void nothingButTheApiIsImportedAndNothingIsExported() throws IOException {
        List<String> foreign =
                List.of(header("Import-Package").split(",(?=[a-z])")).stream()
                        .filter(name -> !name.startsWith("io.diskport.api"))
                        .filter(name -> !name.startsWith("java."))
                        .toList();
        assertEquals(List.of(), foreign);
        assertEquals("null", header("Export-Package"));
        assertEquals("null", header("DynamicImport-Package"));
    }

    @Test
    void theNumbersOfTheProtocolAreInside() throws IOException {
        assertTrue(
                bundle.stream()
                        .anyMatch(
                                entry ->
                                        entry.getName()
                                                .equals("io/diskport/nbd/protocol/Nbd.class")));
        assertFalse(
                bundle.stream().anyMatch(entry -> entry.getName().startsWith("io/diskport/api")));
    }
}
