package io.diskport.tls.x509;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the built bundle says of the driver. */
class X509CredentialsBundleTest {
    private JarFile bundle;

    @BeforeEach
    void openTheBundle() throws IOException {
        try (DirectoryStream<Path> jars =
                Files.newDirectoryStream(Path.of("target"), "tls-x509-*.jar")) {
            bundle = new JarFile(jars.iterator().next().toFile());
        }
    }

    @AfterEach
    void closeTheBundle() throws IOException {
        bundle.close();
    }

    @Test
    void driverIsAServiceOfItsType() throws IOException {
        String component = "OSGI-INF/" + X509CredentialsDriver.class.getName() + ".xml";
        try (InputStream in = bundle.getInputStream(bundle.getEntry(component))) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(text.contains("io.diskport.api.object.BlockObjectDriver"), text);
            assertTrue(
                    text.contains(
                            "\"diskport.object.type\" type=\"String\" value=\"tls-creds-x509\""),
                    text);
        }
        assertTrue(
                header("Provide-Capability")
                        .contains("diskport.driver;kind=object;type=tls-creds-x509"));
    }

    @Test
    void bundleNeedsTheApiAndTheJdkOnly() throws IOException {
        String imports = header("Import-Package").replaceAll("\"[^\"]*\"", "");
        assertEquals(
                "",
                Stream.of(imports.split(","))
                        .map(entry -> entry.split(";")[0])
                        .filter(name -> !name.startsWith("java.") && !name.startsWith("javax."))
                        .filter(name -> !name.startsWith("io.diskport.api"))
                        .reduce("", String::concat));
    }

    private String header(String name) throws IOException {
        return bundle.getManifest().getMainAttributes().getValue(new Attributes.Name(name));
    }
}
