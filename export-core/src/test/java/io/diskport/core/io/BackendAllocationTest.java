package io.diskport.core.io;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.diskport.api.BlockException;
import io.diskport.api.node.ChildListener;
import io.diskport.api.node.NodeSettings;
import io.diskport.api.node.Permissions;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BackendAllocationTest {
    private static final int REQUESTS = 200_000;

    @ParameterizedTest
    @ValueSource(ints = {1, 512})
    void aRequestAllocatesNothing(int alignment) throws Exception {
        NodeIo io = new NodeIo(new StrictNode(1 << 20, alignment), NodeSettings.DEFAULT);
        NodeLink link = new NodeLink("the test", "n", io, new NoKeeper(), ChildListener.NONE);
        link.granted(Permissions.READ_WRITE, Permissions.ALL);
        Backend backend = new Backend(link, false, new Counters()).forClient(new Usage());
        ByteBuffer buffer = ByteBuffer.allocateDirect(8192).alignedSlice(4096).limit(4096).slice();
        ByteBuffer[] buffers = {buffer};
        requests(backend, buffer, buffers, 20_000);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        requests(backend, buffer, buffers, REQUESTS);
        long each = (threads.getCurrentThreadAllocatedBytes() - before) / REQUESTS;
        assertTrue(each < 1, each + " bytes a round of requests");
    }

    private static void requests(
            Backend backend, ByteBuffer buffer, ByteBuffer[] buffers, int count) throws Exception {
        for (int i = 0; i < count; i++) {
            long offset = (i & 127) << 12;
            backend.tryRead(offset, buffer.clear());
            backend.read(offset, buffer.clear());
            backend.tryWrite(offset, 0, buffer.clear());
            backend.write(offset, 0, buffer.clear());
            buffer.clear();
            backend.read(offset, buffers, 0, 1);
            buffer.clear();
            backend.write(offset, 0, buffers, 0, 1);
        }
    }

    static final class NoKeeper implements NodeLink.Keeper {
        @Override
        public void setPermissions(NodeLink link, Permissions held, Permissions shared)
                throws BlockException {
            link.granted(held, shared);
        }

        @Override
        public void truncate(long length) {
            // Nobody resizes.
        }

        @Override
        public void refreshLength() {
            // It does not change.
        }

        @Override
        public long changesByOthers(NodeLink asking) {
            return 0;
        }

        @Override
        public void remove(NodeLink link) {
            // Nobody keeps count.
        }
    }
}
