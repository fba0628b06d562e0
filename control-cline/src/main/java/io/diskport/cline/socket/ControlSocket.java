package io.diskport.cline.socket;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.felix.service.command.CommandProcessor;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;

/**
 * Listens on the Unix socket {@code control} in the folder var, which is for this user only. The
 * lock on that folder sees to it that a socket which is there is nobody's any more.
 */
@Component(
        service = {},
        immediate = true)
public final class ControlSocket {
    /** More at once are turned away; each has a thread of its own, so none waits for another. */
    private static final int MOST = 16;

    /** How long a command that runs at the end has to say its status. */
    private static final long LAST_WORDS_MILLIS = 1000;

    /** What the system takes as the path of a socket. */
    private static final int LONGEST_PATH = 100;

    private final CommandProcessor processor;
    private final Logger log;
    private final Set<Conversation> conversations = ConcurrentHashMap.newKeySet();
    private ServerSocketChannel server;
    private Path socket;

    /**
     * Begins to listen; without a folder var, as in a framework of somebody else's, it does not.
     */
    @Activate
    public ControlSocket(
            BundleContext context,
            @Reference CommandProcessor processor,
            @Reference(service = LoggerFactory.class) Logger log) {
        this.processor = processor;
        this.log = log;
        String folder = context.getProperty("diskport.var");
        if (folder == null) {
            return;
        }
        socket = Path.of(folder, "control");
        try {
            server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            Files.deleteIfExists(socket);
            bind();
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
            thread("diskport-control", this::accept);
            log.info("diskport ctl is answered at {}", socket);
        } catch (IOException e) {
            log.warn("diskport ctl will not work: cannot listen at {}: {}", socket, e.toString());
            close();
        }
    }

    /** Ends conversations, and takes the socket away. */
    @Deactivate
    void stop() {
        close();
        long end = System.nanoTime() + LAST_WORDS_MILLIS * 1_000_000;
        conversations.forEach(conversation -> conversation.end(end));
    }

    private void close() {
        if (server == null) {
            return;
        }
        try {
            server.close();
            Files.deleteIfExists(socket);
        } catch (IOException e) {
            log.warn("cannot remove {}: {}", socket, e.toString());
        }
    }

    /** A path that is too long for a socket's is reached through a link for that moment. */
    private void bind() throws IOException {
        if (socket.toString().getBytes(StandardCharsets.UTF_8).length <= LONGEST_PATH) {
            server.bind(UnixDomainSocketAddress.of(socket));
            return;
        }
        Path link = Files.createTempDirectory("diskport").resolve("var");
        try {
            Files.createSymbolicLink(link, socket.getParent());
            server.bind(UnixDomainSocketAddress.of(link.resolve(socket.getFileName())));
        } finally {
            Files.deleteIfExists(link);
            Files.delete(link.getParent());
        }
    }

    private void accept() {
        while (server.isOpen()) {
            try {
                SocketChannel client = server.accept();
                Conversation conversation = new Conversation(client, processor);
                if (conversations.size() >= MOST) {
                    thread(
                            "diskport-control-full",
                            () -> conversation.turnAway("too many talk to this Diskport already"));
                    continue;
                }
                conversations.add(conversation);
                thread(
                        "diskport-control-client",
                        () -> {
                            try {
                                conversation.run();
                            } finally {
                                conversations.remove(conversation);
                            }
                        });
            } catch (IOException e) {
                if (server.isOpen()) {
                    log.warn("diskport ctl: cannot take a connection: {}", e.toString());
                    pause();
                }
            }
        }
    }

    /** When descriptors have run out, the next moment is not better. */
    private static void pause() {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void thread(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }
}
