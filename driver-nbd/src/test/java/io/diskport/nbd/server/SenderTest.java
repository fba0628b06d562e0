package io.diskport.nbd.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SenderTest {
    private static final int ROUNDS = Boolean.getBoolean("diskport.long") ? 2_000_000 : 60_000;

    private final AtomicInteger sent = new AtomicInteger();

    /** A client that reads only while somebody waits for it. */
    private static Object slow(Object proxy, java.lang.reflect.Method method, Object[] values) {
        switch (method.getName()) {
            case "sendsWithoutWaiting":
                return true;
            case "send":
                for (int i = 0; i < (Integer) values[1]; i++) {
                    ByteBuffer buffer = ((ByteBuffer[]) values[0])[i];
                    buffer.position(buffer.limit());
                }
                return true;
            default:
                return null;
        }
    }

    @Test
    void whatIsBlockedJustAsTheReceiverHasSentIsNotForgotten() throws Exception {
        Transport transport =
                (Transport)
                        Proxy.newProxyInstance(
                                Transport.class.getClassLoader(),
                                new Class<?>[] {Transport.class},
                                SenderTest::slow);
        Sender sender = new Sender(transport, request -> sent.incrementAndGet());
        CyclicBarrier round = new CyclicBarrier(2);
        Thread node =
                new Thread(
                        () -> {
                            try {
                                for (int i = 0; i < ROUNDS; i++) {
                                    Request request = new Request();
                                    request.head.putLong(i).flip();
                                    round.await();
                                    spin(i * 31 % 97);
                                    sender.complete(request);
                                    round.await();
                                }
                            } catch (Exception e) {
                                round.reset();
                            }
                        });
        node.start();
        try {
            for (int i = 0; i < ROUNDS; i++) {
                ByteBuffer own = ByteBuffer.allocate(8);
                round.await();
                spin(i * 17 % 89);
                sender.flush(own);
                round.await();
                sender.flush(ByteBuffer.allocate(0));
                assertEquals(i + 1, sent.get(), "replies that were sent");
            }
        } finally {
            round.reset();
            node.join();
        }
    }

    /** A request that is aborted just as no more of its reply could be sent. */
    @Test
    void whatIsBlockedJustAsAllIsAbortedIsDropped() {
        Sender[] sender = new Sender[1];
        Transport transport =
                (Transport)
                        Proxy.newProxyInstance(
                                Transport.class.getClassLoader(),
                                new Class<?>[] {Transport.class},
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

    private static void spin(int count) {
        for (int i = 0; i < count; i++) {
            Thread.onSpinWait();
        }
    }
}
