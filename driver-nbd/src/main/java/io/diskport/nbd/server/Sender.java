package io.diskport.nbd.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Puts the replies of one connection on the wire, one after the other.
 *
 * <p>Replies come from the thread that receives, which may wait for the client to read, and from
 * threads of the node, which must not: a client that does not read would take them from everybody
 * else. So what one of those cannot send at once is left to the thread that receives.
 */
final class Sender {
    /** How many replies are sent together at the most. */
    private static final int MOST_TOGETHER = 8;

    private static final ByteBuffer NOTHING = ByteBuffer.allocateDirect(0);

    private final Transport transport;
    private final Consumer<Request> sent;
    private final ByteBuffer[] single = new ByteBuffer[1];
    private final ByteBuffer[] gathered = new ByteBuffer[2 * MOST_TOGETHER];
    private final Request[] gatheredFrom = new Request[MOST_TOGETHER];
    private int gatheredCount;
    private Request first;
    private Request last;
    private boolean sending;
    private volatile boolean blocked;
    private boolean stopped;
    private IOException failure;

    /**
     * Nothing to send yet.
     *
     * @param sent told of each request whose reply has been sent, or will never be
     */
    Sender(Transport transport, Consumer<Request> sent) {
        this.transport = transport;
        this.sent = sent;
    }

    /** Sends the reply of a request, or has it sent. Does not wait. */
    void complete(Request request) {
        boolean mine;
        synchronized (this) {
            mine = failure == null;
            if (mine) {
                append(request);
                if (sending || blocked || stopped) {
                    return;
                }
                if (!transport.sendsWithoutWaiting()) {
                    notifyAll();
                    return;
                }
                sending = true;
            }
        }
        if (mine) {
            sendNow();
        } else {
            sent.accept(request);
        }
    }

    private void append(Request request) {
        request.next = null;
        if (last == null) {
            first = request;
        } else {
            last.next = request;
        }
        last = request;
    }

    private void sendNow() {
        try {
            while (gather()) {
                transport.trySend(gathered, 2 * gatheredCount);
                if (hasRemaining(gathered, 2 * gatheredCount)) {
                    leaveRest();
                    transport.nudge();
                    return;
                }
                recycle();
            }
        } catch (IOException e) {
            drop(e);
        }
    }

    /** Whether there is something to send; if not, whoever asked sends no more. */
    private synchronized boolean gather() throws IOException {
        if (failure != null) {
            throw failure;
        }
        if (gatheredCount > 0) {
            return true;
        }
        while (first != null && gatheredCount < MOST_TOGETHER) {
            Request request = first;
            first = request.next;
            request.next = null;
            gatheredFrom[gatheredCount] = request;
            gathered[2 * gatheredCount] = request.head;
            gathered[2 * gatheredCount + 1] = request.data == null ? NOTHING : request.data;
            gatheredCount++;
        }
        if (first == null) {
            last = null;
        }
        if (gatheredCount == 0) {
            // Together, so that nobody leaves a reply to somebody who has just looked.
            blocked = false;
            sending = false;
            notifyAll();
        }
        return gatheredCount > 0;
    }

    private synchronized void done() {
        sending = false;
        notifyAll();
    }

    private void recycle() {
        for (int i = 0; i < gatheredCount; i++) {
            Request request = gatheredFrom[i];
            gatheredFrom[i] = null;
            sent.accept(request);
        }
        gatheredCount = 0;
    }

    /**
     * Sends what the thread that receives has gathered, and whatever else there is; waits for the
     * client to read. Only that thread calls it.
     *
     * @param out ready to be read; may be empty
     * @return false if the connection is to be left to somebody else: {@link #rest} has what was
     *     not sent
     */
    boolean flush(ByteBuffer out) throws IOException {
        if (!out.hasRemaining() && !blocked) {
            return true;
        }
        begin();
        boolean all = true;
        try {
            if (gatheredCount > 0) {
                all = transport.send(gathered, 2 * gatheredCount);
                if (all) {
                    recycle();
                }
            }
            single[0] = out;
            all = all && transport.send(single, 1);
            while (all && gather()) {
                all = transport.send(gathered, 2 * gatheredCount);
                if (all) {
                    recycle();
                }
            }
        } catch (IOException e) {
            drop(e);
            throw e;
        }
        if (all) {
            return true;
        }
        leaveRest();
        return false;
    }

    /**
     * Leaves what was gathered to somebody else, who does not come if all was aborted meanwhile.
     */
    private void leaveRest() throws IOException {
        synchronized (this) {
            if (failure == null) {
                blocked = true;
                sending = false;
                notifyAll();
                return;
            }
        }
        drop(failure);
        throw failure;
    }

    private synchronized void begin() throws IOException {
        boolean interrupted = false;
        while (sending && failure == null) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (failure != null) {
            throw failure;
        }
        sending = true;
    }

    /** Sends what others complete, on a connection where that waits, until {@link #stop}. */
    void sendForOthers() {
        try {
            while (awaitWork()) {
                boolean all = true;
                while (all && gather()) {
                    all = transport.send(gathered, 2 * gatheredCount);
                    recycle();
                }
            }
        } catch (IOException e) {
            drop(e);
        } catch (RuntimeException | Error e) {
            drop(new IOException("sending broke down", e));
            throw e;
        }
    }

    private synchronized boolean awaitWork() {
        boolean interrupted = false;
        while (!stopped && failure == null && (first == null || sending)) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        boolean work = failure == null && first != null && !sending;
        sending |= work;
        return work;
    }

    /** What is completed from now on is not sent. */
    synchronized void stop() {
        stopped = true;
        notifyAll();
    }

    /**
     * The client cannot be reached any more: what was to be sent is dropped, by this thread or the
     * one that sends now. Any thread; idempotent.
     */
    void abort(IOException cause) {
        boolean mine;
        synchronized (this) {
            if (failure == null) {
                failure = cause;
            }
            mine = !sending;
            sending = true;
            notifyAll();
        }
        transport.close();
        if (mine) {
            drop(cause);
        }
    }

    /** By the thread that sends: drops everything, and sends no more. */
    private void drop(IOException cause) {
        Request dropped;
        synchronized (this) {
            if (failure == null) {
                failure = cause;
            }
            dropped = first;
            first = null;
            last = null;
        }
        recycle();
        while (dropped != null) {
            Request next = dropped.next;
            dropped.next = null;
            sent.accept(dropped);
            dropped = next;
        }
        blocked = false;
        done();
        transport.close();
    }

    /**
     * What is still to be sent, once nobody completes or flushes any more: the buffers themselves,
     * which may be many megabytes.
     *
     * @param out what {@link #flush} did not send
     */
    List<ByteBuffer> rest(List<ByteBuffer> out) throws IOException {
        List<ByteBuffer> rest = new ArrayList<>();
        takeGathered(rest);
        out.stream().filter(ByteBuffer::hasRemaining).forEach(rest::add);
        while (gather()) {
            takeGathered(rest);
        }
        return rest;
    }

    private void takeGathered(List<ByteBuffer> rest) {
        for (int i = 0; i < 2 * gatheredCount; i++) {
            if (gathered[i].hasRemaining()) {
                rest.add(gathered[i]);
            }
        }
        for (int i = 0; i < gatheredCount; i++) {
            gatheredFrom[i].data = null;
        }
        recycle();
    }

    private static boolean hasRemaining(ByteBuffer[] buffers, int count) {
        for (int i = 0; i < count; i++) {
            if (buffers[i].hasRemaining()) {
                return true;
            }
        }
        return false;
    }
}
