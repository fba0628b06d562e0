package io.diskport.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aQute.bnd.build.Workspace;
import aQute.bnd.osgi.Jar;
import aQute.bnd.osgi.Processor;
import aQute.bnd.repository.fileset.FileSetRepository;
import biz.aQute.resolve.Bndrun;
import biz.aQute.resolve.RunResolution;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bundles that are shipped, against those that a resolver picks for runtime.bndrun. */
class DistributionBundleTest {
    private static final Path HOME = Path.of(System.getProperty("diskport.home", "nowhere"));

    private static final File RUN = new File("runtime.bndrun");

    @TempDir private Path folder;

    @Test
    void allThatIsShippedIsNeededAndNothingElse() throws Exception {
        assertEquals(names(shipped()), resolved("${core},${placeholders},${drivers}"));
    }

    /** A driver brings its own bundle, and at most native-runtime beside it. */
    @Test
    void aDriverNeedsNoOther() throws Exception {
        Set<String> core = resolved("${core}");
        List<String> drivers = drivers();
        assertTrue(drivers.size() > 1, drivers::toString);
        for (String driver : drivers) {
            Set<String> more = resolved("${core}," + driver);
            more.removeAll(core);
            more.remove("io.diskport.native-runtime");
            assertEquals(1, more.size(), () -> driver + " needs " + more);
        }
    }

    /** What runtime.bndrun requires of drivers, a clause each. */
    private static List<String> drivers() throws IOException {
        try (Processor file = new Processor()) {
            file.setProperties(RUN);
            return List.of(file.getProperty("drivers").split(",(?=diskport)"));
        }
    }

    private static List<Path> shipped() throws IOException {
        List<Path> shipped = new ArrayList<>();
        for (String part : List.of("bundles", "deploy", "optional")) {
            try (Stream<Path> files = Files.walk(HOME.resolve(part))) {
                files.filter(file -> file.toString().endsWith(".jar")).forEach(shipped::add);
            }
        }
        return shipped;
    }

    /** Names of the bundles for what is required, out of those that are shipped. */
    private Set<String> resolved(String required) throws Exception {
        List<File> repository = new ArrayList<>();
        shipped().forEach(bundle -> repository.add(bundle.toFile()));
        repository.add(HOME.resolve("lib").resolve("felix-framework.jar").toFile());
        try (Workspace workspace =
                        Workspace.createStandaloneWorkspace(new Processor(), folder.toUri());
                Bndrun run = Bndrun.createBndrun(workspace, RUN)) {
            workspace.addBasicPlugin(new FileSetRepository("shipped", repository));
            run.setProperty("-runrequires", required);
            RunResolution resolution = run.resolve();
            assertTrue(resolution.isOK(), () -> resolution.report(false));
            return resolution.getResolvedRunBundles().stream()
                    .map(bundle -> bundle.getBsn())
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static Set<String> names(List<Path> bundles) throws Exception {
        Set<String> names = new TreeSet<>();
        for (Path bundle : bundles) {
            try (Jar jar = new Jar(bundle.toFile())) {
                names.add(jar.getBsn());
            }
        }
        return names;
    }
}
