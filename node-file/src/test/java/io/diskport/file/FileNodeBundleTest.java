package io.diskport.file;

import io.diskport.testkit.NodeDriverTests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Whether the driver does what every node driver has to, as the bundle that is shipped. */
class FileNodeBundleTest extends NodeDriverTests {
    private static final int LENGTH = (1 << 20) + 1000;

    @Override
    protected String type() {
        return "file";
    }

    @Override
    protected List<String> needs() {
        return List.of("io.diskport.native-runtime");
    }

    @Override
    protected Map<String, Object> options(String name) throws IOException {
        Path image = folder.resolve(name + ".raw");
        if (!Files.exists(image)) {
            Files.write(image, new byte[LENGTH]);
        }
        return Map.of("filename", image.toString(), "discard", "unmap");
    }

    @Override
    protected byte[] content(long offset, int length) {
        return new byte[length];
    }
}
