package io.diskport.it;

import aQute.bnd.osgi.Builder;
import aQute.bnd.osgi.Jar;
import io.diskport.api.ProvidesDriver;
import java.nio.file.Path;

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
}
