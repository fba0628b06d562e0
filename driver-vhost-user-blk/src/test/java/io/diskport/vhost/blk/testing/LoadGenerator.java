package io.diskport.vhost.blk.testing;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Loads back-ends with requests, for benchmarks/vhost-user-blk.
 *
 * <p>Reads commands from standard input, one a line, and answers each with one line of JSON:
 *
 * <pre>{@code
 * run SOCKET randread|randwrite|read|write BLOCK DEPTH QUEUES SECONDS
 * }</pre>
 *
 * <p>Depth is for each queue; each queue has a thread, which waits for its call eventfd when
 * nothing has come back. One process stays for all runs, so that its code is compiled when it
 * counts.
 */
public final class LoadGenerator {
    private static final int QUEUE_SIZE = 256;
    private static final int SEGMENT = 128 << 10;
    private static final int WAIT_MILLIS = 10_000;

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();

    private LoadGenerator() {}

    public static void main(String[] arguments) throws Exception {
        LoadGenerator generator = new LoadGenerator();
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String answer;
            try {
                answer = generator.command(line.trim().split(" "));
            } catch (Exception | AssertionError e) {
                e.printStackTrace();
                answer = "{\"error\": \"" + String.valueOf(e).replace('"', '\'') + "\"}";
            }
            System.out.println(answer);
        }
    }

    private String command(String... words) throws Exception {
        if (words.length != 7 || !"run".equals(words[0])) {
            throw new IllegalArgumentException(
                    "not 'run SOCKET WAY BLOCK DEPTH QUEUES SECONDS': " + String.join(" ", words));
        }
        int block = Integer.parseInt(words[3]);
        int depth = Integer.parseInt(words[4]);
        int queues = Integer.parseInt(words[5]);
        double seconds = Double.parseDouble(words[6]);
        try (FrontEnd frontEnd =
                FrontEnd.start(
                        Path.of(words[1]),
                        setup -> {
                            setup.queues = queues;
                            setup.queueSize = QUEUE_SIZE;
                            setup.data = (long) queues * depth * block;
                            // reconnecting is not measured
                            setup.protocol &= ~Vhost.bit(Vhost.P_INFLIGHT_SHMFD);
                        })) {
            String result = load(frontEnd, words[2], block, depth, seconds);
            frontEnd.stop();
            return result;
        }
    }

    private String load(FrontEnd frontEnd, String way, int block, int depth, double seconds)
            throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(frontEnd.queues.size());
        try {
            List<Future<double[]>> runs = new ArrayList<>();
            for (Queue queue : frontEnd.queues) {
                Load load = new Load(frontEnd, queue, way, block, depth);
                Callable<double[]> run = () -> measured(load, seconds);
                runs.add(pool.submit(run));
            }
            double rate = 0;
            double requests = 0;
            double cpu = 0;
            double share = 0;
            for (Future<double[]> run : runs) {
                double[] result = run.get();
                requests += result[0];
                rate += result[0] / result[1];
                cpu += result[2];
                share += result[2] / result[1] * 100 / runs.size();
            }
            return String.format(
                    Locale.ROOT,
                    "{\"requests\": %.0f, \"rate\": %.1f, \"cpu\": %.3f, \"share\": %.1f}",
                    requests,
                    rate,
                    cpu * 1e6 / requests,
                    share);
        } finally {
            pool.shutdownNow();
        }
    }

    /** Requests, seconds, and seconds of processor time. */
    private double[] measured(Load load, double seconds) {
        long cpu = threads.getCurrentThreadCpuTime();
        long begun = System.nanoTime();
        long requests = load.run(begun + (long) (seconds * 1e9));
        double took = (System.nanoTime() - begun) / 1e9;
        return new double[] {requests, took, (threads.getCurrentThreadCpuTime() - cpu) / 1e9};
    }

    /** One queue, with as many requests under way as it is to have. */
    private static final class Load {
        private final Queue queue;
        private final SplitRing ring;
        private final java.nio.ByteBuffer memory;
        private final boolean random;
        private final int depth;
        private final int sectors;
        private final long blocks;
        private long state;
        private long next;
        private int avail;
        private int published;
        private int seen;

        Load(FrontEnd frontEnd, Queue queue, String way, int block, int depth) {
            this.queue = queue;
            this.ring = queue.ring;
            this.memory = frontEnd.memory.at(queue.guest, Queue.LENGTH);
            this.depth = depth;
            this.sectors = block / Vhost.SECTOR;
            this.blocks = frontEnd.capacity() / block;
            this.random = way.startsWith("rand");
            this.state = 88172645463325252L + queue.index + System.nanoTime();
            this.next = blocks / frontEnd.queues.size() * queue.index;
            int type = way.endsWith("write") ? Vhost.OUT : Vhost.IN;
            long data = FrontEnd.DATA + (long) queue.index * depth * block;
            for (int slot = 0; slot < depth; slot++) {
                queue.prepareHeader(slot, type, 0);
                describe(slot, type == Vhost.IN, data + (long) slot * block, block);
            }
        }

        private void describe(int slot, boolean in, long data, int block) {
            int entries = (block + SEGMENT - 1) / SEGMENT + 2;
            int segment = Math.min(block, SEGMENT);
            for (int i = 0; i < entries; i++) {
                boolean last = i == entries - 1;
                long address =
                        i == 0
                                ? queue.header(slot)
                                : last ? queue.statusAt(slot) : data + (long) (i - 1) * segment;
                int length = i == 0 ? 16 : last ? 1 : segment;
                int flags = (last || in && i > 0 ? Vhost.WRITE : 0) | (last ? 0 : Vhost.NEXT);
                if (queue.indirect) {
                    int at = (int) (queue.table(slot) - queue.guest) + 16 * i;
                    SplitRing.write(memory, at, address, length, flags, last ? 0 : i + 1);
                } else {
                    int descriptor = i == 0 ? slot : depth + slot * (entries - 1) + i - 1;
                    int following = last ? 0 : depth + slot * (entries - 1) + i;
                    ring.descriptor(descriptor, address, length, flags, following);
                }
            }
            if (queue.indirect) {
                ring.descriptor(slot, queue.table(slot), 16L * entries, Vhost.INDIRECT, 0);
            }
        }

        long run(long end) {
            long requests = 0;
            for (int slot = 0; slot < depth; slot++) {
                submit(slot);
            }
            publish();
            boolean ending = false;
            while (seen != avail) {
                int used = ring.usedIndex();
                if (used == seen) {
                    sleep();
                    continue;
                }
                ending = ending || System.nanoTime() - end > 0;
                while (seen != used) {
                    int head = ring.usedHead(seen);
                    if (queue.status(head) != Vhost.OK) {
                        throw new AssertionError("status " + queue.status(head));
                    }
                    seen = seen + 1 & 0xffff;
                    requests++;
                    if (!ending) {
                        submit(head);
                    }
                }
                if (!ending) {
                    publish();
                }
            }
            return requests;
        }

        private void sleep() {
            ring.usedEvent(seen);
            if (ring.usedIndex() == seen && !queue.call.await(WAIT_MILLIS)) {
                throw new AssertionError(
                        "nothing came back in %d ms: avail %d, used %d"
                                .formatted(WAIT_MILLIS, avail, seen));
            }
        }

        private void submit(int slot) {
            long block;
            if (random) {
                state ^= state << 13;
                state ^= state >>> 7;
                state ^= state << 17;
                block = (state >>> 1) % blocks;
            } else {
                block = next;
                next = next + 1 == blocks ? 0 : next + 1;
            }
            int at = (int) (queue.header(slot) - queue.guest);
            memory.putLong(at + 8, block * sectors);
            memory.put(at + Queue.STATUS, Queue.NO_STATUS);
            ring.avail(avail, slot);
            avail = avail + 1 & 0xffff;
        }

        private void publish() {
            ring.availIndex(avail);
            if (ring.wantsKick(queue.eventIdx, published, avail)) {
                queue.kick.signal();
            }
            published = avail;
        }
    }
}
