package io.diskport.core.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.diskport.api.BlockIOException;
import io.diskport.api.node.NodeSettings;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodeIoTest {
    @ParameterizedTest
    @CsvSource({"1, 5000", "512, 4096", "512, 5000", "4096, 70001", "512, 700", "512, 600000"})
    void anyRequestGivesWhatAnArrayGives(int alignment, int length) throws BlockIOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        StrictNode node = new StrictNode(length, alignment);
        NodeIo io = new NodeIo(node, NodeSettings.DEFAULT);
        byte[] expected = new byte[length];
        for (int i = 0; i < 3000; i++) {
            int offset = random.nextInt(length);
            int count = 1 + random.nextInt(Math.min(length - offset, 1 + random.nextInt(20000)));
            String what = "seed " + seed + ", step " + i + ": " + offset + "+" + count;
            switch (random.nextInt(5)) {
                case 0 -> {
                    Arrays.fill(expected, offset, offset + count, (byte) 0);
                    io.writeZeroes(offset, count, 0);
                }
                case 1, 2 -> {
                    ByteBuffer source = filled(random, count);
                    source.duplicate().get(expected, offset, count);
                    if (!random.nextBoolean() || !io.tryWrite(offset, 0, source)) {
                        io.write(offset, 0, source);
                    }
                    assertEquals(0, source.remaining(), what);
                }
                case 3 -> {
                    ByteBuffer[] sources = split(random, filled(random, count));
                    ByteBuffer all = ByteBuffer.wrap(expected, offset, count);
                    for (ByteBuffer source : sources) {
                        all.put(source.duplicate());
                    }
                    io.write(offset, 0, sources, 0, sources.length);
                }
                default -> {
                    ByteBuffer destination = buffer(random, count);
                    ByteBuffer[] parts = split(random, destination.duplicate());
                    io.read(offset, parts, 0, parts.length);
                    byte[] read = new byte[count];
                    destination.get(read);
                    assertArrayEquals(
                            Arrays.copyOfRange(expected, offset, offset + count), read, what);
                }
            }
        }
        assertArrayEquals(expected, node.content(), "seed " + seed);
    }

    @Test
    void neighboursInOneBlockDoNotLoseEachOthersWrites() throws Exception {
        int writers = 8;
        int part = 64;
        StrictNode node = new StrictNode(4096, 512);
        NodeIo io = new NodeIo(node, NodeSettings.DEFAULT);
        ExecutorService pool = Executors.newFixedThreadPool(writers + 1);
        CountDownLatch go = new CountDownLatch(1);
        List<Future<?>> all = new ArrayList<>();
        for (int w = 0; w < writers; w++) {
            int at = w * part;
            all.add(
                    pool.submit(
                            () -> {
                                go.await();
                                for (int i = 1; i <= 2000; i++) {
                                    io.write(at, 0, of(part, (byte) i));
                                    ByteBuffer back = ByteBuffer.allocate(part);
                                    io.read(at, back);
                                    assertEquals(of(part, (byte) i), back.flip());
                                }
                                return null;
                            }));
        }
        // Whole blocks beside them, in the way that takes no lock.
        all.add(
                pool.submit(
                        () -> {
                            go.await();
                            for (int i = 1; i <= 2000; i++) {
                                ByteBuffer block =
                                        ByteBuffer.allocateDirect(1024).alignedSlice(512);
                                io.write(1024, 0, block.limit(512));
                            }
                            return null;
                        }));
        go.countDown();
        for (Future<?> one : all) {
            one.get();
        }
        pool.shutdown();
        byte[] expected = new byte[4096];
        Arrays.fill(expected, 0, writers * part, (byte) 2000);
        assertArrayEquals(expected, node.content());
    }

    private static ByteBuffer of(int length, byte value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, value);
        return ByteBuffer.wrap(bytes);
    }

    private static ByteBuffer buffer(Random random, int length) {
        int skip = random.nextInt(4) == 0 ? 1 : 0;
        ByteBuffer buffer =
                random.nextBoolean()
                        ? ByteBuffer.allocateDirect(length + 8192).alignedSlice(4096)
                        : ByteBuffer.allocate(length + 1);
        return buffer.limit(length + skip).position(skip);
    }

    private static ByteBuffer filled(Random random, int length) {
        ByteBuffer buffer = buffer(random, length);
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        buffer.duplicate().put(bytes);
        return buffer;
    }

    private static ByteBuffer[] split(Random random, ByteBuffer whole) {
        List<ByteBuffer> parts = new ArrayList<>();
        int at = whole.position();
        while (at < whole.limit()) {
            int next = Math.min(whole.limit(), at + 1 + random.nextInt(9000));
            ByteBuffer part = whole.duplicate();
            parts.add(part.limit(next).position(at));
            at = next;
        }
        return parts.toArray(ByteBuffer[]::new);
    }
}
