package io.diskport.nbd.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SenderTest {
    private static final int ROUNDS = Boolean.getBoolean("diskport.long") ? 3_000_000 : 150_000;

    /** Of a machine that is busy with other things there are fewer. */
    private static final long LONGEST_NANOS = 30_000_000_000L;

    private final AtomicInteger sent = new AtomicInteger();
    private final AtomicInteger tried = new AtomicInteger();

    /** The round in which the receiver is about to have sent all. */
    private volatile int sending;

    /** The rounds in which the node's thread has completed its request. */
    private volatile int completed;

    private int round;

    /** A client that reads only while somebody waits for it. */
    private Object slow(Object proxy, Method method, Object[] values) {
        switch (method.getName()) {
            case "sendsWithoutWaiting":
                return true;
            case "trySend":
                tried.incrementAndGet();
                return null;
            case "send":
                for (int i = 0; i < (Integer) values[1]; i++) {
                    ByteBuffer buffer = ((ByteBuffer[]) values[0])[i];
                    buffer.position(buffer.limit());
                }
                sending = round;
                return true;
            default:
                return null;
        }
    }

    private static Transport transport(InvocationHandler handler) {
        return (Transport)
                Proxy.newProxyInstance(
                        Transport.class.getClassLoader(),
                        new Class<?>[] {Transport.class},
                        handler);
    }

    /** Requests are completed around the moment at which the receiver stops to send. */
    @Test
    void whatIsBlockedJustAsTheReceiverHasSentIsNotForgotten() throws Exception {
        Sender sender = new Sender(transport(this::slow), request -> sent.incrementAndGet());
        Thread node = new Thread(() -> completeInRounds(sender));
        node.start();
        try {
            ByteBuffer own = ByteBuffer.allocate(8);
            long begun = System.nanoTime();
            for (int i = 1; i <= ROUNDS && System.nanoTime() - begun < LONGEST_NANOS; i++) {
                round = i;
                sender.flush(own.clear());
                await(() -> completed, i);
                sender.flush(ByteBuffer.allocate(0));
                assertEquals(i, sent.get(), "replies that were sent");
            }
        } finally {
            sending = Integer.MAX_VALUE;
            node.join();
        }
    }

    /** Comes a little sooner where it was too late for the receiver, and else a little later. */
    private void completeInRounds(Sender sender) {
        int delay = 0;
        for (int i = 1; i <= ROUNDS && sending != Integer.MAX_VALUE; i++) {
            Request request = new Request();
            request.head.putLong(i).flip();
            await(() -> sending, i);
            for (int spin = 0; spin < delay + i % 3; spin++) {
                Thread.onSpinWait();
            }
            int before = tried.get();
            sender.complete(request);
            delay = Math.max(0, tried.get() > before ? delay - 1 : delay + 1);
            completed = i;
        }
    }

    private static void await(IntSupplier value, int wanted) {
        for (int spins = 0; value.getAsInt() < wanted; spins++) {
            if (spins < 1000) {
                Thread.onSpinWait();
            } else {
                Thread.yield();
            }
        }
    }

    /** A request that is aborted just as no more of its reply could be sent. */
    @Test
    void whatIsBlockedJustAsAllIsAbortedIsDropped() {
        Sender[] sender = new Sender[1];
        Transport transport =
                transport(
                        (proxy, method, values) -> {
                            if (method.getName().equals("trySend")) {
                                sender[0].abort(new IOException("gone"));
                            }
                            return slow(proxy, method, values);
                        });
        sender[0] = new Sender(transport, request -> sent.incrementAndGet());
        for (int i = 0; i < 2; i++) {
            Request request = new Request();
            request.head.putLong(i).flip();
            sender[0].complete(request);
        }
        assertEquals(2, sent.get(), "requests that were given back");
    }
}
