package io.diskport.fuse.testing;

import io.diskport.api.BlockException;
import io.diskport.api.export.BlockExport;
import io.diskport.api.options.OnOffAuto;
import io.diskport.fuse.FuseOptions;
import io.diskport.fuse.FuseTestDriver;
import io.diskport.fuse.mount.FuseHost;
import java.nio.file.Path;

/** A daemon with one export, in a process of its own: serves until its input or it is ended. */
public final class ServeMain {
    private ServeMain() {}

    /** Arguments: mountpoint, allow-other, search path for fusermount. */
    public static void main(String[] arguments) throws Exception {
        FuseHost host = new FuseHost(Path.of("/dev/fuse"), arguments[2]);
        FuseOptions options =
                TestOptions.of(Path.of(arguments[0]), false, OnOffAuto.valueOf(arguments[1]));
        FakeContext context = new FakeContext(new MemoryBackend(4096, true));
        try {
            BlockExport export = FuseTestDriver.on(host).create(context, options);
            Runtime.getRuntime()
                    .addShutdownHook(
                            new Thread(
                                    () -> {
                                        export.delete();
                                        System.out.println("hook");
                                    }));
            System.out.println("up " + export.info().details());
            while (System.in.read() >= 0) {
                // until the input ends
            }
        } catch (BlockException e) {
            System.out.println("refused: " + e.getMessage());
        }
    }
}
