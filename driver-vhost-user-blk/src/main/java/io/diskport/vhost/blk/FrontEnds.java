package io.diskport.vhost.blk;

import io.diskport.api.BlockException;
import io.diskport.api.export.Client;
import io.diskport.api.export.ExportContext;
import io.diskport.natives.NativeDescriptor;
import io.diskport.support.Closing;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * The thread of messages of an export: takes one front-end after the other. Others wait in the
 * socket's queue meanwhile, as they do with QEMU.
 */
final class FrontEnds implements Runnable {
    private static final long SUSPEND_NANOS = TimeUnit.SECONDS.toNanos(4);
    private static final long BACK_OFF_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final int WAKE = 0;
    private static final int LISTENING = 1;

    private final ExportContext context;
    private final Device device;
    private final Control control;
    private final ListeningSocket listening;
    private final String threadPrefix;
    private final Poll poll = new Poll(2);
    private volatile FrontEnd connected;
    private volatile CompletableFuture<Optional<Map<String, Object>>> left =
            new CompletableFuture<>();
    private boolean troubled;

    FrontEnds(ExportContext context, Device device, Control control, ListeningSocket listening) {
        this.context = context;
        this.device = device;
        this.control = control;
        this.listening = listening;
        this.threadPrefix = "vhost-" + context.id() + "-";
    }

    Optional<FrontEnd> connected() {
        return Optional.ofNullable(connected);
    }

    /** Goes on with a front-end that the version before has left; before the thread runs. */
    void goOn(Map<?, ?> saved) {
        MessageSocket socket = MessageSocket.restore((Map<?, ?>) saved.get("connection"));
        String peer = (String) saved.get("peer");
        FrontEnd frontEnd = null;
        try {
            frontEnd = admit(peer, socket);
            frontEnd.restore(saved);
            frontEnd.goOn();
            connected = frontEnd;
        } catch (BlockException | IOException | Misbehaviour e) {
            context.log().log(Level.WARNING, "Front-end {0} is lost: {1}", peer, e.getMessage());
            if (frontEnd != null) {
                frontEnd.end();
            }
            Closing.all(saved, context.log());
        }
    }

    private FrontEnd admit(String peer, MessageSocket socket) throws BlockException, IOException {
        Client client = context.client(peer);
        Session session =
                new Session(
                        device,
                        client.backend(),
                        context.executor(),
                        context.log(),
                        control.wake());
        try {
            return new FrontEnd(peer, client, control, session, socket, threadPrefix);
        } catch (IOException | OutOfMemoryError e) {
            client.close();
            throw e;
        }
    }

    @Override
    public void run() {
        try {
            boolean goesOn = true;
            while (goesOn) {
                goesOn = connected == null ? await() : serve();
            }
        } catch (RuntimeException | Error e) {
            context.ended(e);
        }
    }

    /** Waits for a front-end; false at the end. */
    private boolean await() {
        Control.Mode mode = control.mode();
        if (mode == Control.Mode.SUSPEND) {
            left.complete(Optional.of(Map.of()));
            return false;
        }
        if (mode != Control.Mode.SERVE) {
            VhostUserBlkExport.close(listening, context.log());
            return false;
        }
        poll.set(WAKE, control.wake().fd(), Poll.IN);
        poll.set(LISTENING, listening.fd(), Poll.IN);
        poll.await(-1);
        if (poll.has(WAKE)) {
            control.wake().clear();
        }
        if (poll.has(LISTENING) && control.mode() == Control.Mode.SERVE) {
            accept();
        }
        return true;
    }

    private void accept() {
        MessageSocket socket = null;
        try {
            Optional<NativeDescriptor> accepted = listening.accept();
            if (accepted.isPresent()) {
                socket = new MessageSocket(accepted.get());
                connected = admit(ListeningSocket.peer(accepted.get()), socket);
            }
            troubled = false;
        } catch (BlockException e) {
            context.log().log(Level.DEBUG, "A front-end is not let in: {0}", e.getMessage());
            socket.close();
        } catch (IOException | OutOfMemoryError e) {
            if (socket != null) {
                socket.close();
            }
            // Without descriptors or threads now; there may be some later. Said once.
            context.log().log(
                    troubled ? Level.DEBUG : Level.WARNING,
                    "A front-end could not be taken: {0}",
                    e.getMessage());
            troubled = true;
            LockSupport.parkNanos(this, BACK_OFF_NANOS);
        }
    }

    /** Serves the front-end that is there; false at the end. */
    private boolean serve() {
        FrontEnd frontEnd = connected;
        Control.Mode mode = control.mode();
        if (mode == Control.Mode.HIDE || mode == Control.Mode.DROP) {
            // Nobody else is to come.
            VhostUserBlkExport.close(listening, context.log());
        }
        if (mode == Control.Mode.SUSPEND) {
            return !suspend(frontEnd);
        }
        if (mode == Control.Mode.DROP || !frontEnd.serve(mode)) {
            frontEnd.end();
            connected = null;
        }
        return true;
    }

    /** Leaves the front-end to the next version; false if it goes on after all, or ends. */
    private boolean suspend(FrontEnd frontEnd) {
        Optional<Map<String, Object>> saved = Optional.empty();
        try {
            saved = frontEnd.suspend(SUSPEND_NANOS);
        } catch (Misbehaviour e) {
            frontEnd.dropFor(e);
            frontEnd.end();
            connected = null;
            return false;
        }
        if (saved.isPresent()) {
            connected = null;
            left.complete(saved);
            return true;
        }
        context.log().log(Level.INFO, "Requests hang in the node: front-ends have to connect anew");
        CompletableFuture<Optional<Map<String, Object>>> asked = left;
        left = new CompletableFuture<>();
        control.unsuspend();
        asked.complete(Optional.empty());
        return false;
    }

    /** What is left once the mode is to suspend; empty if it goes on after all. */
    Optional<Map<String, Object>> awaitLeft(long millis) {
        CompletableFuture<Optional<Map<String, Object>>> asked = left;
        try {
            return asked.get(millis, TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            context.log().log(Level.DEBUG, "not suspended", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        // Whoever has begun to leave it is about to say so.
        return control.unsuspend() ? Optional.empty() : asked.getNow(Optional.empty());
    }
}
