package io.diskport.testkit;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.osgi.framework.Constants;
import org.osgi.framework.Version;

/** A bundle as its next version would be: the same, with a higher number. */
final class NextVersion {
    private NextVersion() {}

    /** Writes it into a folder. */
    static Path of(Path bundle, Path folder) throws IOException {
        Path next = folder.resolve("next-version.jar");
        try (JarFile present = new JarFile(bundle.toFile());
                OutputStream file = Files.newOutputStream(next);
                JarOutputStream out = new JarOutputStream(file, raised(present.getManifest()))) {
            for (JarEntry entry : (Iterable<JarEntry>) present.stream()::iterator) {
                if (!entry.getName().equals(JarFile.MANIFEST_NAME)) {
                    out.putNextEntry(new JarEntry(entry.getName()));
                    present.getInputStream(entry).transferTo(out);
                    out.closeEntry();
                }
            }
        }
        return next;
    }

    private static Manifest raised(Manifest manifest) {
        Manifest raised = new Manifest(manifest);
        Attributes headers = raised.getMainAttributes();
        Version version = Version.parseVersion(headers.getValue(Constants.BUNDLE_VERSION));
        headers.putValue(
                Constants.BUNDLE_VERSION,
                new Version(version.getMajor(), version.getMinor() + 1, 0).toString());
        return raised;
    }
}
