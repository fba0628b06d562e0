package io.diskport.core.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.diskport.api.BlockException;
import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.node.AsyncRequest;
import io.diskport.api.node.BlockLimits;
import io.diskport.api.node.BlockNode;
import io.diskport.api.node.CacheSettings;
import io.diskport.api.node.ChildListener;
import io.diskport.api.node.DetectZeroes;
import io.diskport.api.node.DiscardMode;
import io.diskport.api.node.NodeSettings;
import io.diskport.api.node.Permissions;
import io.diskport.api.node.RequestFlags;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class AsyncRequestTest {
    private static final int LENGTH = 1 << 20;

    private final Beginning node = new Beginning();
    private final Usage usage = new Usage();
    private final Noted request = new Noted();
    private final ByteBuffer[] buffers = {
        ByteBuffer.allocateDirect(8192).alignedSlice(4096).slice(0, 4096)
    };
    private NodeIo io;
    private NodeLink link;
    private Backend backend;

    /** A node that begins what comes, and has the test end it. */
    private static final class Beginning implements BlockNode {
        final StrictNode inside = new StrictNode(LENGTH, 512);
        AsyncRequest begun;
        BlockIOException refusal;
        boolean begins = true;

        @Override
        public long length() {
            return LENGTH;
        }

        @Override
        public BlockLimits limits() {
            return inside.limits();
        }

        @Override
        public boolean begin(AsyncRequest one) throws BlockIOException {
            if (refusal != null) {
                throw refusal;
            }
            begun = begins ? one : null;
            return begins;
        }

        @Override
        public void read(long offset, ByteBuffer destination) throws BlockIOException {
            inside.read(offset, destination);
        }

        @Override
        public void write(long offset, int flags, ByteBuffer source) throws BlockIOException {
            inside.write(offset, flags, source);
        }

        @Override
        public void flush() {
            // nothing is kept
        }

        @Override
        public void writeZeroes(long offset, long length, int flags) throws BlockIOException {
            inside.writeZeroes(offset, length, flags);
        }

        @Override
        public void close() {
            // nothing is open
        }
    }

    /** Notes how it has ended. */
    private static final class Noted extends AsyncRequest {
        final List<String> ends = new ArrayList<>();
        boolean notes = true;

        @Override
        protected void done() {
            if (notes) {
                ends.add("done");
            }
        }

        @Override
        protected void undone() {
            ends.add("undone");
        }

        @Override
        protected void failed(BlockIOException failure) {
            ends.add(failure.getMessage());
        }
    }

    private void open(NodeSettings settings, boolean writethrough, Permissions held) {
        io = new NodeIo(node, settings);
        link =
                new NodeLink(
                        "the test",
                        "n",
                        io,
                        new BackendAllocationTest.NoKeeper(),
                        ChildListener.NONE);
        link.granted(held, Permissions.ALL);
        backend = new Backend(link, writethrough, new Counters()).forClient(usage);
    }

    private void open() {
        open(NodeSettings.DEFAULT, false, Permissions.READ_WRITE);
    }

    private boolean read(long offset) throws BlockIOException {
        return read(request, offset);
    }

    private boolean read(AsyncRequest one, long offset) throws BlockIOException {
        buffers[0].clear();
        one.prepareRead(offset, buffers, 0, 1);
        return backend.begin(one);
    }

    private boolean write(long offset) throws BlockIOException {
        buffers[0].clear();
        request.prepareWrite(offset, RequestFlags.NONE, buffers, 0, 1);
        return backend.begin(request);
    }

    @Test
    void whatHasBegunIsInFlightUntilItEnds() throws Exception {
        open();
        assertTrue(read(4096));
        assertEquals(1, backend.inFlight());
        assertFalse(link.drain(1_000_000), "a drain waits for it");
        assertFalse(read(new Noted(), 0), "nothing begins during a drain");
        node.begun.complete();
        assertEquals(List.of("done"), request.ends);
        assertEquals(4096, buffers[0].position());
        assertTrue(link.drain(1_000_000_000));
        assertEquals(1, backend.stats().reads());
        assertEquals(4096, backend.stats().readBytes());
        assertEquals(4096, usage.bytes());
    }

    @Test
    void theEndOfABackendLetsNothingBegin() throws Exception {
        open();
        assertTrue(write(0));
        backend.end("over");
        assertFalse(backend.awaitEmpty(1_000_000));
        assertFalse(read(new Noted(), 4096), "the call that waits says why");
        node.begun.complete();
        assertTrue(backend.awaitEmpty(1_000_000_000));
        assertEquals(1, backend.stats().writes());
    }

    @Test
    void whatIsGivenUpOrFailsIsNoRequestDone() throws Exception {
        open();
        assertTrue(write(0));
        node.begun.giveUp();
        assertTrue(read(0));
        node.begun.fail(new BlockIOException(Errno.EIO, "a bad place"));
        assertEquals(List.of("undone", "a bad place"), request.ends);
        assertEquals(0, buffers[0].position());
        assertEquals(0, backend.inFlight());
        assertEquals(0, backend.stats().reads() + backend.stats().writes());
        assertEquals(1, backend.stats().errors());
        assertTrue(link.changes() > 0, "a write that was given up may have been done in part");
    }

    @Test
    void whatIsRefusedHasNotBegun() throws Exception {
        open(NodeSettings.DEFAULT, false, Permissions.READ);
        assertEquals(
                Errno.EINVAL, assertThrows(BlockIOException.class, () -> read(LENGTH)).errno());
        assertEquals(Errno.EROFS, assertThrows(BlockIOException.class, () -> write(0)).errno());
        open();
        assertEquals(
                Errno.ENOSPC,
                assertThrows(BlockIOException.class, () -> write(LENGTH - 512)).errno());
        node.refusal = new BlockIOException(Errno.ENXIO, "gone");
        assertEquals(Errno.ENXIO, assertThrows(BlockIOException.class, () -> write(0)).errno());
        node.refusal = null;
        node.begins = false;
        assertFalse(write(0));
        assertFalse(read(0));
        assertEquals(List.of(), request.ends);
        assertEquals(0, backend.inFlight());
        // what is unaligned takes the range for itself: nobody may be left in it
        backend.write(1, 0, ByteBuffer.allocateDirect(10));
    }

    @Test
    void whatIsNotAlignedIsLeftToTheCallThatWaits() throws Exception {
        open();
        assertFalse(read(1));
        buffers[0].limit(100);
        request.prepareRead(0, buffers, 0, 1);
        assertFalse(backend.begin(request));
    }

    @Test
    void zeroesAreLookedForByTheCallThatWaits() throws Exception {
        CacheSettings cache = new CacheSettings(false, false);
        open(
                new NodeSettings(false, false, DiscardMode.UNMAP, cache, DetectZeroes.ON, false),
                false,
                Permissions.READ_WRITE);
        assertFalse(write(0));
        assertTrue(read(0));
    }

    @Test
    void writethroughReachesTheNode() throws Exception {
        open(NodeSettings.DEFAULT, true, Permissions.READ_WRITE);
        assertTrue(write(0));
        assertEquals(RequestFlags.FUA, node.begun.flags());
        node.begun.complete();
        assertTrue(read(0));
        assertEquals(RequestFlags.NONE, node.begun.flags());
    }

    @Test
    void whoReadsAndModifiesWaitsForAWriteThatHasBegun() throws Exception {
        open();
        assertTrue(write(0));
        ExecutorService other = Executors.newSingleThreadExecutor();
        Future<?> part =
                other.submit(
                        () -> {
                            backend.write(1, 0, ByteBuffer.allocateDirect(10));
                            return null;
                        });
        assertThrows(TimeoutException.class, () -> part.get(50, TimeUnit.MILLISECONDS));
        node.begun.complete();
        part.get();
        other.shutdown();
    }

    @Test
    void aRequestThatIsUnderWayIsNotAnother() throws Exception {
        open();
        assertTrue(read(0));
        assertThrows(IllegalStateException.class, () -> read(0));
        node.begun.complete();
        assertTrue(read(0));
    }

    @Test
    void layersHearOfTheEndFromTheInsideOut() {
        List<Long> heard = new ArrayList<>();
        request.prepareRead(0, buffers, 0, 1);
        for (int i = 0; i < 20; i++) {
            request.enter((one, state, outcome) -> heard.add(state), i);
        }
        request.leave();
        request.complete();
        assertEquals(19, heard.size());
        assertEquals(18, heard.get(0));
        assertEquals(0, heard.get(18));
        request.prepareRead(0, buffers, 0, 1);
        request.complete();
        assertEquals(19, heard.size(), "each hears once");
    }

    @Test
    void aRequestAllocatesNothing() throws Exception {
        open();
        request.notes = false;
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        requests(20_000);
        long before = threads.getCurrentThreadAllocatedBytes();
        requests(200_000);
        long each = (threads.getCurrentThreadAllocatedBytes() - before) / 200_000;
        assertTrue(each < 1, each + " bytes a round of requests");
    }

    private void requests(int count) throws BlockIOException, BlockException {
        for (int i = 0; i < count; i++) {
            read(4096);
            node.begun.complete();
            write(4096);
            node.begun.complete();
        }
    }
}
