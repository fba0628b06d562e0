package io.diskport.vhost.blk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.BlockException;
import io.diskport.api.Handover;
import io.diskport.api.export.BlockExport;
import io.diskport.api.export.ShutdownMode;
import io.diskport.testkit.fake.FakeExportContext;
import io.diskport.testkit.fake.LogLines;
import io.diskport.testkit.fake.MemoryBackend;
import io.diskport.vhost.blk.testing.Await;
import io.diskport.vhost.blk.testing.FrontEnd;
import io.diskport.vhost.blk.testing.Messages;
import io.diskport.vhost.blk.testing.Resources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One export, as core would have it made, for one test. Closing it sees to it that neither thread
 * nor socket stays, and that nothing broke down meanwhile.
 */
final class Site implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final int NODE_THREADS = 16;

    final String id = "site" + NUMBER.incrementAndGet();
    final LogLines log = new LogLines();
    final ExecutorService node = Executors.newFixedThreadPool(NODE_THREADS);
    final Settings settings = new Settings();
    final MemoryBackend backend;
    FakeExportContext context;
    BlockExport export;

    /** Whether something is allowed to break down. */
    boolean forgiving;

    private final Path directory;

    /** The options of the export. */
    static final class Settings {
        int logicalBlockSize = 512;
        int numQueues = 4;
        int queueSize = 256;
        Optional<String> serial = Optional.empty();
        Optional<VhostUserBlkAddress> address = Optional.empty();
    }

    /** Changes settings. */
    interface Change {
        void to(Settings settings);
    }

    Site(MemoryBackend backend) throws Exception {
        this(backend, settings -> {});
    }

    Site(MemoryBackend backend, Change change) throws Exception {
        this.backend = backend;
        this.directory = Files.createTempDirectory("vhost");
        change.to(settings);
        try {
            start(Optional.empty());
        } catch (BlockException | RuntimeException e) {
            node.shutdown();
            Files.delete(directory);
            throw e;
        }
    }

    Path socket() {
        return directory.resolve("s");
    }

    VhostUserBlkOptions options() {
        return new VhostUserBlkOptions(
                settings.address.orElseGet(() -> new VhostUserBlkAddress.Unix(socket())),
                settings.logicalBlockSize,
                settings.numQueues,
                settings.queueSize,
                settings.serial);
    }

    void start(Optional<Handover> left) throws BlockException {
        context = new FakeExportContext(id, backend, node, Optional.empty(), log, left);
        export = new VhostUserBlkDriver().create(context, options());
    }

    Handover suspend() {
        return export.suspend().orElseThrow();
    }

    /** The driver's version is another from here on. */
    void handOver() throws BlockException {
        start(Optional.of(suspend()));
    }

    /** Ends the export as core does. */
    void end() {
        export.requestShutdown(ShutdownMode.HARD);
        export.delete();
    }

    Messages connect() throws IOException {
        return Messages.connect(socket());
    }

    FrontEnd frontEnd() throws IOException {
        return FrontEnd.start(socket());
    }

    FrontEnd frontEnd(FrontEnd.Change change) throws IOException {
        return FrontEnd.start(socket(), change);
    }

    /** The threads of the export, its predecessors included. */
    List<String> threads() {
        return Resources.threads("vhost-" + id + "-");
    }

    @Override
    public void close() throws Exception {
        backend.goOn();
        end();
        Await.until(() -> "threads stay: " + threads(), () -> threads().isEmpty());
        node.shutdown();
        assertFalse(Files.exists(socket(), LinkOption.NOFOLLOW_LINKS), "the socket stays");
        Files.delete(directory);
        assertEquals(List.of(), context.clients, "clients that stay");
        List<String> errors = log.of(System.Logger.Level.ERROR);
        assertTrue(forgiving || errors.isEmpty(), errors::toString);
    }
}
