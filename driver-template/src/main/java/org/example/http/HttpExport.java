package org.example.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.BlockIOException;
import io.diskport.api.export.BlockBackend;
import io.diskport.api.export.BlockExport;
import io.diskport.api.export.Client;
import io.diskport.api.export.ExportContext;
import io.diskport.api.export.ExportInfo;
import io.diskport.api.export.ShutdownMode;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** One node, read over HTTP: GET and HEAD with Range and If-Range (RFC 9110). */
final class HttpExport implements BlockExport {
    private static final int MOST_CLIENTS = 16;
    private static final int PIECE = 256 << 10;
    private static final int OK = 200;
    private static final int PARTIAL = 206;
    private static final int NOT_MODIFIED = 304;
    private static final int NOT_ALLOWED = 405;
    private static final int NOT_SATISFIABLE = 416;
    private static final int FAILED = 500;
    private static final int UNAVAILABLE = 503;

    private final ExportContext context;
    private final BlockBackend backend;
    private final HttpServer server;
    private final ExecutorService threads;
    private final String started = Long.toHexString(System.nanoTime());

    HttpExport(ExportContext context, HttpExportDriver.Options options) throws BlockException {
        this.context = context;
        this.backend = context.backend();
        try {
            server = HttpServer.create(new InetSocketAddress(options.host(), options.port()), 0);
        } catch (IOException | IllegalArgumentException e) {
            throw new BlockException(
                    Reason.FAILED,
                    "Failed to listen on '%s', port %d: %s"
                            .formatted(options.host(), options.port(), e.getMessage()),
                    e);
        }
        // Clients may be slow, so they get threads of their own, and not the node's.
        threads =
                Executors.newFixedThreadPool(
                        MOST_CLIENTS, task -> new Thread(task, "http-" + context.id()));
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange;
                Client client = context.client(exchange.getRemoteAddress().toString())) {
            answer(exchange, client.backend());
        } catch (BlockException e) {
            exchange.sendResponseHeaders(UNAVAILABLE, -1);
        } catch (BlockIOException e) {
            // If the headers have gone, the client sees that there is less than they said.
            context.log().log(Level.DEBUG, "reading", e);
            exchange.sendResponseHeaders(FAILED, -1);
        }
    }

    private void answer(HttpExchange exchange, BlockBackend node)
            throws IOException, BlockIOException {
        boolean head = exchange.getRequestMethod().equals("HEAD");
        if (!head && !exchange.getRequestMethod().equals("GET")) {
            exchange.getResponseHeaders().set("Allow", "GET, HEAD");
            exchange.sendResponseHeaders(NOT_ALLOWED, -1);
            return;
        }
        long size = node.length();
        String tag = "\"" + started + "-" + backend.changesByOthers() + "-" + size + "\"";
        exchange.getResponseHeaders().set("ETag", tag);
        exchange.getResponseHeaders().set("Accept-Ranges", "bytes");
        exchange.getResponseHeaders().set("Content-Type", "application/octet-stream");
        if (tag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
            exchange.sendResponseHeaders(NOT_MODIFIED, -1);
            return;
        }
        Optional<ByteRange> asked = range(exchange, tag, size);
        ByteRange range = asked.orElse(new ByteRange(0, size));
        if (asked.isPresent() && range.length() == 0) {
            exchange.getResponseHeaders().set("Content-Range", "bytes */" + size);
            exchange.sendResponseHeaders(NOT_SATISFIABLE, -1);
            return;
        }
        if (asked.isPresent()) {
            long last = range.first() + range.length() - 1;
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes %d-%d/%d".formatted(range.first(), last, size));
        }
        int status = asked.isPresent() ? PARTIAL : OK;
        if (head) {
            exchange.getResponseHeaders().set("Content-Length", Long.toString(range.length()));
            exchange.sendResponseHeaders(status, -1);
        } else {
            send(exchange, node, status, range);
        }
    }

    private static Optional<ByteRange> range(HttpExchange exchange, String tag, long size) {
        String asked = exchange.getRequestHeaders().getFirst("Range");
        String condition = exchange.getRequestHeaders().getFirst("If-Range");
        if (asked == null || condition != null && !condition.equals(tag)) {
            return Optional.empty();
        }
        return ByteRange.of(asked, size);
    }

    private static void send(HttpExchange exchange, BlockBackend node, int status, ByteRange range)
            throws IOException, BlockIOException {
        ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE, Math.max(1, range.length())));
        OutputStream out = null;
        for (long done = 0; done < range.length(); done += piece.limit()) {
            piece.clear().limit((int) Math.min(piece.capacity(), range.length() - done));
            node.read(range.first() + done, piece);
            if (out == null) {
                // Once something could be read: an error before gets its own status.
                exchange.sendResponseHeaders(status, range.length());
                out = exchange.getResponseBody();
            }
            out.write(piece.array(), 0, piece.limit());
        }
        if (out == null) {
            exchange.sendResponseHeaders(status, -1);
        }
    }

    /** Each request is a client, which core counts; so there is nobody to be dropped by name. */
    @Override
    public void requestShutdown(ShutdownMode mode) {
        context.log().log(Level.DEBUG, "no new requests");
    }

    @Override
    public void delete() {
        server.stop(0);
        threads.shutdownNow();
        try {
            if (!threads.awaitTermination(2, TimeUnit.SECONDS)) {
                context.log().log(Level.WARNING, "Requests hang in the node and are left behind");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public ExportInfo info() {
        InetSocketAddress address = server.getAddress();
        return new ExportInfo(
                "http://%s:%d/".formatted(address.getHostString(), address.getPort()),
                Map.of("most clients", Integer.toString(MOST_CLIENTS)));
    }
}
