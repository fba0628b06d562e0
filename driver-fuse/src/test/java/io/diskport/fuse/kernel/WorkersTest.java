package io.diskport.fuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.fuse.file.FuseFile;
import io.diskport.fuse.testing.FakeContext;
import io.diskport.fuse.testing.Host;
import io.diskport.fuse.testing.MemoryBackend;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The threads that serve, with the kernel's side played by the test. */
@Timeout(60)
class WorkersTest {
    private static final String NAME = "test-workers";
    private static final int WANTED = 2;
    private static final Duration SOON = Duration.ofSeconds(10);

    /** Serving a request breaks that has it. */
    private static final long DEADLY_HANDLE = 666;

    private final MemoryBackend backend = new MemoryBackend(1 << 16, true);
    private final FakeContext context = new FakeContext(backend);
    private final FuseFile file = new FuseFile(context, false, true, 0, 0, Clock.systemUTC());
    private final OperationStats stats = new OperationStats();
    private final AtomicInteger unmade = new AtomicInteger();
    private final AtomicInteger ends = new AtomicInteger();
    private FakeKernel kernel;
    private Connection connection;
    private Workers workers;

    @BeforeEach
    void begin() throws Exception {
        kernel = new FakeKernel();
        connection = kernel.connection(context.log());
        workers = workers(WANTED);
    }

    private Workers workers(int wanted) {
        return new Workers(
                NAME, wanted, this::make, connection, ends::incrementAndGet, context.log());
    }

    @AfterEach
    void end() throws Exception {
        workers.stop();
        CountDownLatch hang = backend.hang;
        backend.hang = null;
        if (hang != null) {
            hang.countDown();
        }
        kernel.hangUp();
        assertTrue(workers.awaitEnd(SOON.toMillis()));
        Host.await("threads end", SOON, () -> threads().isEmpty());
        connection.close();
        kernel.close();
    }

    /** A worker that dies of a request for the deadly handle. */
    private Worker make(int index, MayWait mayWait) {
        if (unmade.getAndDecrement() > 0) {
            throw new OutOfMemoryError("as told");
        }
        RequestBuffer request = new RequestBuffer(8192);
        MayWait deadly =
                new MayWait() {
                    @Override
                    public void begin(Kind kind) {
                        if (request.getLong(0) == DEADLY_HANDLE) {
                            throw new StackOverflowError("as told");
                        }
                        mayWait.begin(kind);
                    }

                    @Override
                    public void end(long bytes) {
                        mayWait.end(bytes);
                    }
                };
        Operations operations = new Operations(request, file, deadly, 0);
        return new Worker(connection.descriptor(index), request, operations, stats, context.log());
    }

    private static List<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith(NAME))
                .toList();
    }

    private static boolean isSpare(Thread thread) {
        return Stream.of(thread.getStackTrace())
                .anyMatch(frame -> frame.getClassName().endsWith("$Spare"));
    }

    private void read() throws InterruptedException {
        Reply reply = kernel.ask(Request.read(0, 0, 512));
        assertEquals(0, reply.error());
        assertEquals(512, reply.body().length);
    }

    private void deadly() throws InterruptedException {
        Reply reply = kernel.ask(Request.fsync(DEADLY_HANDLE));
        assertEquals(-5, reply.error(), "it is answered before its worker is gone");
    }

    private List<Request> hang(int count) throws Exception {
        backend.hang = new CountDownLatch(1);
        List<Request> hanging =
                Stream.generate(() -> Request.read(0, 0, 512)).limit(count).toList();
        hanging.forEach(kernel::send);
        Host.await(count + " requests hang", SOON, () -> backend.waiting.get() == count);
        return hanging;
    }

    private void letGo() {
        CountDownLatch hang = backend.hang;
        backend.hang = null;
        hang.countDown();
    }

    private void awaitEndWithinASecond() throws InterruptedException {
        long begun = System.nanoTime();
        assertTrue(workers.awaitEnd(SOON.toMillis()));
        long millis = (System.nanoTime() - begun) / 1_000_000;
        assertTrue(millis < 1000, "took " + millis + " ms");
        assertEquals(0, workers.alive());
    }

    @Test
    void requestsAreAnswered() throws Exception {
        workers.start();
        List<Request> many = Stream.generate(() -> Request.read(0, 5, 9)).limit(100).toList();
        many.forEach(kernel::send);
        for (Request request : many) {
            assertEquals(9, kernel.await(request).body().length);
        }
        Reply refused = kernel.ask(new Request(4095));
        assertEquals(-38, refused.error());
        assertEquals(List.of(), context.lines);
    }

    @Test
    void aWorkerThatDiesIsReplaced() throws Exception {
        workers.start();
        for (int i = 0; i < 10; i++) {
            deadly();
            read();
        }
        Host.await("each is replaced", SOON, () -> context.lines.size() == 10 && isComplete());
        for (String line : context.lines) {
            assertEquals(
                    "ERROR A FUSE worker died and is replaced java.lang.StackOverflowError:"
                            + " as told",
                    line);
        }
        read();
        assertEquals(0, ends.get());
    }

    @Test
    void oneThatDiesIsReplacedWhileOthersAreLeft() throws Exception {
        workers.start();
        deadly();
        Host.await(
                "there is a third",
                SOON,
                () -> threads().stream().anyMatch(one -> one.getName().equals(NAME + "-2")));
        read();
    }

    /** Whether there are workers, and each has its thread, beside the supervisor's. */
    private boolean isComplete() {
        int alive = workers.alive();
        return alive > 0 && threads().size() == alive + 1;
    }

    @Test
    void workersThatCannotBeMadeAreMadeLater() throws Exception {
        unmade.set(7);
        workers.start();
        read();
        Host.await("they are there", SOON, this::isComplete);
        assertEquals(7, context.lines.size());
        read();
    }

    @Test
    void aRequestThatIsNoneIsIgnored() throws Exception {
        workers.start();
        kernel.send(new byte[39]);
        kernel.send(new byte[1]);
        kernel.send(new Request(Request.FORGET).u64(1));
        read();
        assertEquals(List.of(), context.lines);
    }

    @Test
    void requestsThatHangHoldUpNoOther() throws Exception {
        workers.start();
        List<Request> hanging = hang(20);
        CountDownLatch hang = backend.hang;
        backend.hang = null;
        read();
        read();
        for (Request request : hanging) {
            assertTrue(kernel.reply(request).isEmpty());
        }
        hang.countDown();
        for (Request request : hanging) {
            assertEquals(512, kernel.await(request).body().length);
        }
    }

    @Test
    void requestsThatHangUnexpectedlyHoldUpNoOther() throws Exception {
        workers.start();
        // Learns that reads are fast.
        for (int i = 0; i < 200; i++) {
            read();
        }
        List<Request> hanging = hang(20);
        backend.inline = true;
        CountDownLatch hang = backend.hang;
        backend.hang = null;
        read();
        hang.countDown();
        for (Request request : hanging) {
            kernel.await(request);
        }
    }

    @Test
    void thereAreNoMoreThreadsThanTheMost() throws Exception {
        workers.start();
        backend.hang = new CountDownLatch(1);
        List<Request> requests = Stream.generate(() -> Request.read(0, 0, 512)).limit(100).toList();
        requests.forEach(kernel::send);
        Host.await("all hang", SOON, () -> backend.waiting.get() == 64);
        assertEquals(64, workers.alive());
        letGo();
        for (Request request : requests) {
            kernel.await(request);
        }
        assertEquals(List.of(), context.lines);
    }

    @Test
    void threadsThatAreNotNeededLeave() throws Exception {
        workers.start();
        hang(20);
        assertTrue(workers.alive() >= 20);
        letGo();
        backend.inline = true;
        // As many as receive, and as many that wait to be needed.
        Host.await(
                "the others leave",
                SOON,
                () -> {
                    read();
                    return workers.alive() <= 2 * WANTED;
                });
        backend.inline = false;
        // Those that wait are of use again.
        hang(20);
        letGo();
        read();
    }

    @Test
    void stopWakesThoseThatWaitForRequests() throws Exception {
        workers.start();
        read();
        workers.stop();
        awaitEndWithinASecond();
        assertEquals(1, ends.get());
        assertFalse(workers.isDisconnected());
        assertEquals(List.of(), context.lines);
    }

    @Test
    void stopWakesThoseThatWaitToBeNeeded() throws Exception {
        workers.start();
        hang(20);
        letGo();
        backend.inline = true;
        Host.await(
                "some wait to be needed",
                SOON,
                () -> {
                    read();
                    return threads().stream().anyMatch(WorkersTest::isSpare);
                });
        workers.stop();
        awaitEndWithinASecond();
        assertEquals(1, ends.get());
    }

    @Test
    void stopBeforeAnyRequestEndsAsWell() throws Exception {
        workers.start();
        workers.stop();
        awaitEndWithinASecond();
        assertEquals(1, ends.get());
    }

    @Test
    void stopLetsARequestFinishAndTellsIfItDoesNot() throws Exception {
        workers.start();
        List<Request> hanging = hang(1);
        workers.stop();
        assertFalse(workers.awaitEnd(50));
        assertEquals(1, workers.alive());
        assertEquals(0, ends.get());
        letGo();
        awaitEndWithinASecond();
        assertEquals(0, kernel.await(hanging.get(0)).error());
        assertEquals(1, ends.get());
    }

    @Test
    void stopWaitsForTheSuccessorOfAWorkerThatDied() throws Exception {
        workers = workers(1);
        workers.start();
        // The only one, so that for a moment there is none.
        deadly();
        List<Request> hanging = hang(1);
        workers.stop();
        assertFalse(workers.awaitEnd(50), "a request is being served");
        letGo();
        awaitEndWithinASecond();
        assertEquals(0, kernel.await(hanging.get(0)).error());
        assertEquals(1, ends.get());
    }

    @Test
    void theEndOfTheConnectionEndsThemAll() throws Exception {
        workers.start();
        hang(20);
        kernel.hangUp();
        letGo();
        Host.await("the end is told", SOON, () -> ends.get() == 1);
        assertTrue(workers.isDisconnected());
        Host.await("threads end", SOON, () -> threads().isEmpty());
    }

    @Test
    void afterAPauseRequestsOfMeanwhileAreAnswered() throws Exception {
        workers.start();
        for (int i = 0; i < 20; i++) {
            read();
            workers.pause();
            awaitEndWithinASecond();
            assertEquals(0, ends.get());
            List<Request> meanwhile =
                    Stream.generate(() -> Request.read(0, 0, 512)).limit(10).toList();
            meanwhile.forEach(kernel::send);
            for (Request request : meanwhile) {
                assertTrue(kernel.reply(request).isEmpty());
            }
            workers.start();
            for (Request request : meanwhile) {
                assertEquals(512, kernel.await(request).body().length);
            }
        }
        assertEquals(List.of(), context.lines);
    }

    @Test
    void aPauseThatDoesNotSucceedIsTakenBack() throws Exception {
        workers.start();
        List<Request> hanging = hang(3);
        CountDownLatch hang = backend.hang;
        workers.pause();
        assertFalse(workers.awaitEnd(50));
        backend.hang = null;
        workers.start();
        read();
        hang.countDown();
        for (Request request : hanging) {
            assertEquals(0, kernel.await(request).error());
        }
        read();
        workers.stop();
        awaitEndWithinASecond();
        assertEquals(1, ends.get());
    }

    @Test
    void requestsAreCounted() throws Exception {
        workers.start();
        read();
        read();
        deadly();
        Host.await(
                "all are over",
                SOON,
                () -> stats.snapshot().stream().allMatch(one -> one.inFlight() == 0));
        assertEquals(
                List.of("READ 2 0", "FSYNC 0 1"),
                stats.snapshot().stream()
                        .map(one -> one.operation() + " " + one.finished() + " " + one.failed())
                        .toList());
    }
}
