package io.diskport.nbd.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.BlockException;
import io.diskport.api.Handover;
import io.diskport.api.export.BlockExport;
import io.diskport.api.export.ShutdownMode;
import io.diskport.api.object.BlockObject;
import io.diskport.api.options.ObjectRef;
import io.diskport.nbd.testing.Await;
import io.diskport.nbd.testing.FakeObjectContext;
import io.diskport.nbd.testing.NbdClient;
import io.diskport.nbd.testing.Resources;
import io.diskport.nbd.testing.Wire.Style;
import io.diskport.testkit.fake.FakeExportContext;
import io.diskport.testkit.fake.LogLines;
import io.diskport.testkit.fake.MemoryBackend;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server with its exports, as core would have them made, for one test. Closing it sees to it that
 * no thread stays, and that nothing broke down meanwhile.
 */
final class Site implements AutoCloseable {
    /** What is shown as the name of a client that was connected through a Unix socket. */
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private static final int NODE_THREADS = 32;

    final String id = "site" + NUMBER.incrementAndGet();
    final LogLines log = new LogLines();
    final ExecutorService node = Executors.newFixedThreadPool(NODE_THREADS);
    final List<Offered> offered = new CopyOnWriteArrayList<>();

    /** Whether something is allowed to break down. */
    boolean forgiving;

    private final Path directory;
    private final Settings settings;
    private final FakeObjectContext context;
    private BlockObject server;

    /** The options of the server. */
    static final class Settings {
        boolean inet;
        Optional<BlockObject> tlsCreds = Optional.empty();
        Optional<BlockObject> tlsAuthz = Optional.empty();
        boolean tlsRequired = true;
        int maxConnections = 100;
        Duration handshakeTimeout = Duration.ofSeconds(20);
        Duration idleTimeout = Duration.ZERO;
    }

    /** Changes settings. */
    interface Change {
        void to(Settings settings);
    }

    /** One export, and its successors. */
    static final class Offered {
        final String name;
        final MemoryBackend backend;
        private final NbdExportOptions options;
        FakeExportContext context;
        BlockExport export;

        Offered(MemoryBackend backend, NbdExportOptions options) {
            this.name = options.name().orElseThrow();
            this.backend = backend;
            this.options = options;
        }
    }

    Site() throws Exception {
        this(settings -> {});
    }

    Site(Change change) throws Exception {
        this.settings = new Settings();
        change.to(settings);
        this.directory = Files.createTempDirectory("nbd");
        this.context = new FakeObjectContext(id, log);
        settings.tlsCreds.ifPresent(object -> context.objects.put("creds", object));
        settings.tlsAuthz.ifPresent(object -> context.objects.put("authz", object));
        this.server = new NbdServerDriver().create(context, options());
    }

    private NbdServerOptions options() {
        NbdAddress address =
                settings.inet
                        ? new NbdAddress.Inet("127.0.0.1", 0)
                        : new NbdAddress.Unix(directory.resolve("s"));
        return new NbdServerOptions(
                address,
                settings.tlsCreds.map(object -> new ObjectRef<>("creds")),
                settings.tlsAuthz.map(object -> new ObjectRef<>("authz")),
                settings.tlsRequired,
                settings.maxConnections,
                settings.handshakeTimeout,
                settings.idleTimeout);
    }

    Offered offer(String name, MemoryBackend backend) throws BlockException {
        return offer(backend, name, "", false, false);
    }

    Offered offer(
            MemoryBackend backend,
            String name,
            String description,
            boolean allocationDepth,
            boolean tlsRequired)
            throws BlockException {
        NbdExportOptions options =
                new NbdExportOptions(
                        new ObjectRef<>("server"),
                        Optional.of(name),
                        Optional.of(description).filter(text -> !text.isEmpty()),
                        List.of(),
                        allocationDepth,
                        backend.growable,
                        tlsRequired);
        Offered one = new Offered(backend, options);
        start(one, Optional.empty());
        offered.add(one);
        return one;
    }

    /** Makes one export anew. */
    void startAgain(Offered one, Optional<Handover> left) throws BlockException {
        start(one, left);
    }

    private void start(Offered one, Optional<Handover> left) throws BlockException {
        one.context =
                new FakeExportContext(one.name, one.backend, node, Optional.of(server), log, left);
        one.export = new NbdExportDriver().create(one.context, one.options);
    }

    Map<String, String> info() {
        return server.info();
    }

    SocketAddress address() throws IOException {
        if (!settings.inet) {
            return UnixDomainSocketAddress.of(directory.resolve("s"));
        }
        int port = URI.create(info().get("address")).getPort();
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    NbdClient connect() throws IOException {
        return NbdClient.connect(address());
    }

    NbdClient client(Style style, String name, String... contexts) throws IOException {
        return NbdClient.of(address(), style, name, contexts);
    }

    /** How many bytes of requests and replies are in memory now. */
    long buffered() {
        return Long.parseLong(info().get("buffered"));
    }

    /** Ends an export in some way, as core does once its clients have gone. */
    void end(Offered one, ShutdownMode mode) {
        one.export.requestShutdown(mode);
        one.export.delete();
        offered.remove(one);
    }

    // Hand-over

    /** What the exports leave, in their order. */
    List<Optional<Handover>> suspendExports() {
        List<Optional<Handover>> left = new ArrayList<>();
        offered.forEach(one -> left.add(one.export.suspend()));
        return left;
    }

    Handover suspendServer() {
        return server.suspend().orElseThrow();
    }

    void startServer(Handover left) throws BlockException {
        context.leave(left);
        server = new NbdServerDriver().create(context, options());
    }

    void startExports(List<Optional<Handover>> left) throws BlockException {
        for (int i = 0; i < left.size(); i++) {
            start(offered.get(i), left.get(i));
        }
    }

    /** The driver's version is another from here on. */
    void handOver() throws BlockException {
        List<Optional<Handover>> left = suspendExports();
        startServer(suspendServer());
        startExports(left);
    }

    /** The threads of the server, its predecessors included. */
    List<String> threads() {
        return Resources.threads("nbd-" + id + "-");
    }

    void awaitNoThreads() {
        Await.until(() -> "threads stay: " + threads(), () -> threads().isEmpty());
    }

    /** Ends all as core does. */
    void closeServer() {
        offered.forEach(one -> one.backend.goOn());
        for (Offered one : offered) {
            end(one, ShutdownMode.HARD);
        }
        server.close();
    }

    @Override
    public void close() throws Exception {
        closeServer();
        awaitNoThreads();
        node.shutdown();
        Files.deleteIfExists(directory);
        assertEquals(0, buffered(), "bytes that stay in use");
        List<String> errors = log.of(System.Logger.Level.ERROR);
        assertTrue(forgiving || errors.isEmpty(), errors::toString);
    }
}
