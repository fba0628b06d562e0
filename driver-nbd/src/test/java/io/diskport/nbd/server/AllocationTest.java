package io.diskport.nbd.server;

import static io.diskport.nbd.testing.Wire.READ;
import static io.diskport.nbd.testing.Wire.WRITE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.diskport.nbd.testing.NbdClient;
import io.diskport.nbd.testing.Wire;
import io.diskport.nbd.testing.Wire.Style;
import io.diskport.testkit.fake.MemoryBackend;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class AllocationTest {
    private static final int LENGTH = 4096;
    private static final int BATCH = 32;
    private static final int REQUESTS = 4_000;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @ParameterizedTest
    @CsvSource({
        "SIMPLE, 0",
        "SIMPLE, 1",
        "STRUCTURED, 0",
        "STRUCTURED, 1",
        "EXTENDED, 0",
        "EXTENDED, 1"
    })
    void aRequestThatNeedNotWaitAllocatesNothing(Style style, int type) throws Exception {
        try (Site site = new Site()) {
            MemoryBackend node = MemoryBackend.inline(1 << 20);
            node.fill(0, Wire.pattern(1 << 20, 1));
            site.offer("disk", node);
            try (NbdClient client = site.client(style, "disk")) {
                long thread = thread(site);
                requests(client, type, 3 * REQUESTS);
                long before = threads.getThreadAllocatedBytes(thread);
                requests(client, type, REQUESTS);
                long each = (threads.getThreadAllocatedBytes(thread) - before) / REQUESTS;
                assertTrue(each < 1, each + " bytes a request");
            }
        }
    }

    private long thread(Site site) {
        return Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
                .filter(info -> info != null && info.getThreadName().startsWith("nbd-" + site.id))
                .filter(info -> info.getThreadName().contains("local:"))
                .mapToLong(ThreadInfo::getThreadId)
                .findFirst()
                .orElseThrow();
    }

    /** Some of them in batches, and some one by one. */
    private static void requests(NbdClient client, int type, int count) throws IOException {
        int done = 0;
        while (done < count) {
            int batch = Math.min(done % (4 * BATCH) == 0 ? BATCH : 1, count - done);
            if (done % (2 * BATCH) == 0) {
                batch = Math.min(BATCH, count - done);
            }
            for (long cookie : submit(client, type, batch)) {
                assertEquals(0, client.await(cookie).error);
            }
            done += batch;
        }
    }

    private static List<Long> submit(NbdClient client, int type, int count) throws IOException {
        if (type == READ) {
            return client.submitMany(count, READ, 8192, LENGTH);
        }
        int flags = client.style() == Style.EXTENDED ? Wire.PAYLOAD_LEN : 0;
        List<Long> cookies = new ArrayList<>();
        byte[][] parts = new byte[2 * count][];
        byte[] data = Wire.pattern(LENGTH, 2);
        for (int i = 0; i < count; i++) {
            cookies.add(client.expect(WRITE, flags, 4096L * i, LENGTH));
            parts[2 * i] =
                    Wire.request(client.style(), flags, WRITE, cookies.get(i), 4096L * i, LENGTH);
            parts[2 * i + 1] = data;
        }
        client.send(parts);
        return cookies;
    }
}
