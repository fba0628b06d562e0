package io.diskport.file;

import io.diskport.testkit.NodeDriverTests;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/** Whether nodes on block devices do what every node has to. It takes root and loop devices. */
class HostDeviceNodeBundleTest extends NodeDriverTests {
    private final Map<String, String> devices = new HashMap<>();

    @BeforeAll
    static void needLoopDevices() {
        Needs.root();
        Needs.tool("losetup");
    }

    /** The kernel waits with it until the last node on the device is closed. */
    @AfterEach
    void removeDevices() throws Exception {
        for (String device : devices.values()) {
            Needs.succeed("losetup", "-d", device);
        }
    }

    @Override
    protected String type() {
        return "host_device";
    }

    @Override
    protected List<String> needs() {
        return List.of("io.diskport.native-runtime");
    }

    @Override
    protected synchronized Map<String, Object> options(String name) throws Exception {
        if (!devices.containsKey(name)) {
            devices.put(name, device(folder.resolve(name + ".raw")));
        }
        return Map.of("filename", devices.get(name), "discard", "unmap");
    }

    private static String device(Path image) throws Exception {
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(2 << 20);
        }
        Needs.Result made = Needs.run("losetup", "-f", "--show", image.toString());
        Needs.that(made.status() == 0, "a loop device (" + made.output().strip() + ")");
        return made.output().strip();
    }

    @Override
    protected byte[] content(long offset, int length) {
        return new byte[length];
    }
}
