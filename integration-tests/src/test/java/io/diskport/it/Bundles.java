package io.diskport.it;

import aQute.bnd.osgi.Builder;
import aQute.bnd.osgi.Jar;
import io.diskport.api.ProvidesDriver;
import java.nio.file.Path;
import java.util.jar.Manifest;
import org.osgi.framework.Constants;

/** Makes a bundle of a package of the tests, as its author's build would. */
final class Bundles {
    private Bundles() {}

    /**
     * Builds a bundle whose name is the package's.
     *
     * @param example a class of the package
     */
    static Path build(Path folder, Class<?> example) throws Exception {
        String name = example.getPackageName();
        try (Builder builder = new Builder()) {
            builder.addClasspath(Distribution.classes(example).toFile());
            builder.addClasspath(Distribution.classes(ProvidesDriver.class).toFile());
            builder.setProperty("Bundle-SymbolicName", name);
            builder.setProperty("Bundle-Version", "1.0.0");
            builder.setProperty("Private-Package", name);
            Jar jar = builder.build();
            if (!builder.isOk()) {
                throw new IllegalStateException(
                        builder.getErrors() + ", warnings " + builder.getWarnings());
            }
            Path file = folder.resolve(name.substring(name.lastIndexOf('.') + 1) + ".jar");
            jar.write(file.toFile());
            return file;
        }
    }

    /** A bundle as a later build of it would be. */
    static Path withVersion(Path folder, Path bundle, String version) throws Exception {
        return withHeader(folder, bundle, Constants.BUNDLE_VERSION, version);
    }

    /** A later build that nothing can be done with: it needs a package that nobody has. */
    static Path unresolvable(Path folder, Path bundle) throws Exception {
        return withHeader(folder, bundle, Constants.IMPORT_PACKAGE, "io.diskport.nowhere");
    }

    /** A bundle with another value of a header, in place of what its build has made. */
    static Path withHeader(Path folder, Path bundle, String header, String value) throws Exception {
        try (Jar jar = new Jar(bundle.toFile())) {
            Manifest manifest = jar.getManifest();
            manifest.getMainAttributes().putValue(header, value);
            jar.setManifest(manifest);
            Path file =
                    folder.resolve(
                            Integer.toHexString(value.hashCode()) + "-" + bundle.getFileName());
            jar.write(file.toFile());
            return file;
        }
    }
}
