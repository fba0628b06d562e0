package io.diskport.testkit;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.jar.JarFile;
import java.util.jar.Manifest;

/** The bundles on the class path, by symbolic name. */
final class ClassPathBundles {
    private final Map<String, Path> bundles = new LinkedHashMap<>();

    ClassPathBundles() {
        for (String entry :
                System.getProperty(
                                "surefire.test.class.path", System.getProperty("java.class.path"))
                        .split(File.pathSeparator)) {
            Path jar = Path.of(entry);
            if (entry.endsWith(".jar") && Files.isRegularFile(jar)) {
                name(jar).ifPresent(name -> bundles.putIfAbsent(name, jar));
            }
        }
    }

    /** The symbolic name of a bundle; empty if it is none. */
    static Optional<String> name(Path jar) {
        return Optional.ofNullable(header(jar, "Bundle-SymbolicName"))
                .map(name -> name.replaceFirst(";.*", "").strip());
    }

    /** A header of a jar's manifest, or null. */
    static String header(Path jar, String header) {
        try (JarFile file = new JarFile(jar.toFile())) {
            Manifest manifest = file.getManifest();
            return manifest == null ? null : manifest.getMainAttributes().getValue(header);
        } catch (IOException e) {
            throw new UncheckedIOException("Failed to read '" + jar + "'", e);
        }
    }

    /** The jar of a bundle. */
    Path get(String symbolicName) {
        Path jar = bundles.get(symbolicName);
        if (jar == null) {
            throw new IllegalStateException(
                    "There is no bundle "
                            + symbolicName
                            + " on the class path; add its artifact in test scope. Modules of the"
                            + " same build are jars from the package phase on: run these tests in"
                            + " the integration-test phase");
        }
        return jar;
    }
}
