package io.diskport.vhost.blk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.diskport.testkit.fake.MemoryBackend;
import io.diskport.vhost.blk.testing.FrontEnd;
import io.diskport.vhost.blk.testing.Queue;
import io.diskport.vhost.blk.testing.Queue.Segment;
import io.diskport.vhost.blk.testing.Queue.Ticket;
import io.diskport.vhost.blk.testing.Vhost;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class AllocationTest {
    private static final int BATCH = 32;
    private static final int REQUESTS = 4_000;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @ParameterizedTest
    @CsvSource({
        "true, 0, 1",
        "true, 1, 1",
        "true, 0, 5",
        "true, 1, 5",
        "false, 0, 1",
        "false, 1, 5"
    })
    void aRequestAllocatesNothing(boolean inline, int type, int segments) throws Exception {
        MemoryBackend node = MemoryBackend.of(1 << 20);
        node.inline = inline;
        try (Site site = new Site(node);
                FrontEnd frontEnd = site.frontEnd()) {
            requests(frontEnd, type, segments, 5 * REQUESTS);
            long before = allocated(site);
            requests(frontEnd, type, segments, REQUESTS);
            double each = (double) (allocated(site) - before) / REQUESTS;
            // What the pool's own queue allocates for a task is not the driver's.
            double most = inline ? 1 : 64;
            assertTrue(each < most, each + " bytes a request");
        }
    }

    /** By the threads of the export and of the node. */
    private long allocated(Site site) {
        long sum = 0;
        for (long id : threads.getAllThreadIds()) {
            var info = threads.getThreadInfo(id);
            if (info != null
                    && (info.getThreadName().startsWith("vhost-" + site.id)
                            || info.getThreadName().startsWith("pool-"))) {
                sum += threads.getThreadAllocatedBytes(id);
            }
        }
        return sum;
    }

    private static void requests(FrontEnd frontEnd, int type, int segments, int count) {
        Queue queue = frontEnd.queue();
        Segment[] all = new Segment[segments];
        for (int i = 0; i < segments; i++) {
            all[i] = new Segment(FrontEnd.DATA + 8192L * i, 4096);
        }
        int done = 0;
        while (done < count) {
            int batch = Math.min(done % (2 * BATCH) == 0 ? BATCH : 1, count - done);
            List<Ticket> tickets = new ArrayList<>();
            for (int i = 0; i < batch; i++) {
                tickets.add(queue.prepare(type, i % 8, all));
            }
            queue.publish();
            for (Ticket ticket : tickets) {
                assertEquals(Vhost.OK, queue.await(ticket));
            }
            done += batch;
        }
    }
}
