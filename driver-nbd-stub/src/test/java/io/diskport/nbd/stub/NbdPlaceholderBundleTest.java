package io.diskport.nbd.stub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.jar.JarFile;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** What the built bundle says of the placeholder. */
class NbdPlaceholderBundleTest {
    private JarFile bundle;

    @BeforeEach
    void openTheBundle() throws IOException {
        try (DirectoryStream<Path> jars =
                Files.newDirectoryStream(Path.of("target"), "driver-nbd-stub-*.jar")) {
            bundle = new JarFile(jars.iterator().next().toFile());
        }
    }

    @AfterEach
    void closeTheBundle() throws IOException {
        bundle.close();
    }

    @Test
    void theComponentIsRegisteredAsPlaceholderAtTheLowestRanking() throws Exception {
        Map<String, String> properties = componentProperties();
        assertEquals("String nbd", properties.get("diskport.export.type"));
        assertEquals("String " + NbdPlaceholder.MESSAGE, properties.get("diskport.placeholder"));
        assertEquals("Integer -2147483648", properties.get("service.ranking"));
    }

    @Test
    void theBundleDoesNotPassForADriver() throws IOException {
        String capabilities =
                bundle.getManifest().getMainAttributes().getValue("Provide-Capability");
        assertFalse(capabilities.contains("diskport.driver"), capabilities);
    }

    private Map<String, String> componentProperties() throws Exception {
        String component = "OSGI-INF/" + NbdPlaceholder.class.getName() + ".xml";
        NodeList nodes;
        try (InputStream in = bundle.getInputStream(bundle.getEntry(component))) {
            nodes =
                    DocumentBuilderFactory.newInstance()
                            .newDocumentBuilder()
                            .parse(in)
                            .getElementsByTagName("property");
        }
        Map<String, String> properties = new HashMap<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            Element property = (Element) nodes.item(i);
            properties.put(
                    property.getAttribute("name"),
                    property.getAttribute("type") + " " + property.getAttribute("value"));
        }
        return properties;
    }
}
