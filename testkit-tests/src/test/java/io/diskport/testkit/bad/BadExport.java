package io.diskport.testkit.bad;

import io.diskport.api.BlockException;
import io.diskport.api.Handover;
import io.diskport.api.export.BlockBackend;
import io.diskport.api.export.BlockExport;
import io.diskport.api.export.Client;
import io.diskport.api.export.ExportContext;
import io.diskport.api.export.ExportInfo;
import io.diskport.api.export.ShutdownMode;
import io.diskport.testkit.bad.BadExportDriver.Bug;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Serves all its clients on one thread, one request after the other. */
final class BadExport implements BlockExport {
    private static final String FORMAT = "bad";
    private static final long JOIN_MILLIS = 2000;

    /** For exports that take each other's node. */
    private static volatile BlockBackend last;

    private final ExportContext context;
    private final Bug bug;
    private final Path path;
    private final ServerSocketChannel listener;
    private final Selector selector = Selector.open();
    private final Set<Session> sessions = ConcurrentHashMap.newKeySet();
    private final Thread thread = new Thread(this::run, "bad-export");
    private final long lengthAtFirst;
    private volatile boolean ending;
    private volatile boolean over;

    BadExport(ExportContext context, BadExportDriver.Options options, Optional<Handover> left)
            throws IOException, BlockException {
        this.context = context;
        this.bug = options.bug();
        this.path = options.path();
        this.lengthAtFirst = context.backend().length();
        last = context.backend();
        if (left.isPresent()) {
            listener = (ServerSocketChannel) left.get().state().get("listener");
            for (Object client : (List<?>) left.get().state().get("clients")) {
                join((SocketChannel) client).losesAByte = bug == Bug.LOSES_A_BYTE_IN_A_HANDOVER;
            }
        } else {
            listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            listener.bind(UnixDomainSocketAddress.of(path), options.backlog());
        }
        listener.configureBlocking(false);
        listener.register(selector, SelectionKey.OP_ACCEPT);
    }

    void start() {
        thread.setDaemon(true);
        thread.setContextClassLoader(null);
        thread.start();
    }

    BlockBackend backend() {
        return bug == Bug.MIXES_EXPORTS ? last : context.backend();
    }

    Bug bug() {
        return bug;
    }

    /**
     * Whether nobody is answered any more: from the first word of the end, or a client may just
     * have heard of it.
     */
    boolean leavesClientsWaiting() {
        return ending && bug == Bug.LEAVES_CLIENTS_WAITING;
    }

    boolean hasSeveralClients() {
        return sessions.size() > 1;
    }

    /** What clients are told. */
    long length() {
        return bug == Bug.IGNORES_A_RESIZE ? lengthAtFirst : backend().length();
    }

    private Session join(SocketChannel channel) throws IOException, BlockException {
        channel.configureBlocking(false);
        Session session =
                new Session(
                        this,
                        channel,
                        bug == Bug.HIDES_CLIENTS
                                ? Optional.empty()
                                : Optional.of(context.client("socket")));
        channel.register(selector, SelectionKey.OP_READ, session);
        sessions.add(session);
        return session;
    }

    private void run() {
        try {
            while (!over || bug == Bug.KEEPS_CLIENTS_AFTER_DELETE && !sessions.isEmpty()) {
                selector.select();
                for (SelectionKey key : selector.selectedKeys()) {
                    serve(key);
                }
                selector.selectedKeys().clear();
            }
        } catch (IOException e) {
            context.ended(e);
        }
    }

    private void serve(SelectionKey key) throws IOException {
        if (key.isValid() && key.isAcceptable()) {
            SocketChannel channel = listener.accept();
            try {
                join(channel);
            } catch (BlockException e) {
                channel.close();
            }
        } else if (key.isValid()) {
            Session session = (Session) key.attachment();
            try {
                session.serve();
            } catch (IOException e) {
                leave(session);
            }
        }
    }

    private void leave(Session session) {
        sessions.remove(session);
        try {
            session.channel().close();
        } catch (IOException e) {
            context.log().log(System.Logger.Level.DEBUG, "a client", e);
        }
        if (bug != Bug.FORGETS_NO_CLIENT) {
            session.client().ifPresent(Client::close);
        }
    }

    @Override
    public void requestShutdown(ShutdownMode mode) {
        if (bug == Bug.DROPS_CLIENTS_WHEN_HIDDEN && mode == ShutdownMode.HIDE) {
            sessions.forEach(this::leave);
        }
        if (mode != ShutdownMode.HARD) {
            return;
        }
        ending = true;
        if (bug == Bug.KEEPS_CLIENTS_AFTER_DELETE || bug == Bug.LEAVES_CLIENTS_WAITING) {
            sessions.forEach(session -> session.client().ifPresent(Client::close));
        } else {
            sessions.forEach(this::leave);
        }
    }

    @Override
    public void delete() {
        boolean keeps = bug == Bug.KEEPS_CLIENTS_AFTER_DELETE;
        if (!keeps && bug != Bug.LEAVES_CLIENTS_WAITING) {
            sessions.forEach(this::leave);
        }
        stop();
        try {
            listener.close();
            if (!keeps) {
                selector.close();
            }
            if (bug != Bug.LEAVES_ITS_SOCKET) {
                Files.deleteIfExists(path);
            }
            leaveBehind();
        } catch (IOException e) {
            context.log().log(System.Logger.Level.WARNING, "it does not end well", e);
        }
    }

    private void leaveBehind() throws IOException {
        if (bug == Bug.LEAVES_A_DESCRIPTOR) {
            Wire.keep(FileChannel.open(Path.of("/dev/null")));
        } else if (bug == Bug.LEAVES_A_CLASS) {
            Wire.keep(this);
        } else if (bug == Bug.LEAVES_A_THREAD) {
            Wire.keepAThread();
        }
    }

    private boolean stop() {
        over = true;
        selector.wakeup();
        try {
            thread.join(bug == Bug.KEEPS_CLIENTS_AFTER_DELETE ? 1 : JOIN_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }

    @Override
    public Optional<Handover> suspend() {
        boolean leaves = bug.name().startsWith("LEAVES");
        if (leaves || !stop()) {
            return Optional.empty();
        }
        List<SocketChannel> clients = sessions.stream().map(Session::channel).toList();
        try {
            selector.close();
        } catch (IOException e) {
            return Optional.empty();
        }
        return Optional.of(
                new Handover(FORMAT, 1, Map.of("listener", listener, "clients", clients)));
    }

    @Override
    public ExportInfo info() {
        return new ExportInfo(bug == Bug.HAS_NO_ADDRESS ? "" : path.toString(), Map.of());
    }
}
