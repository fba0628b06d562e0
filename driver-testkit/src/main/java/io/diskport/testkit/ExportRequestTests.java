package io.diskport.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.diskport.api.Errno;
import io.diskport.api.manage.ExportEntry;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** What export drivers have to do right while they serve: requests, and what becomes of them. */
abstract class ExportRequestTests extends ExportTests {
    private static void optional(Request request) throws IOException {
        try {
            request.run();
        } catch (UnsupportedOperationException e) {
            Assumptions.abort("clients of this type have no such request");
        }
    }

    private static void writeAndFlush(ExportClient client, long offset, byte[] bytes)
            throws IOException {
        client.write(offset, bytes);
        client.flush();
    }

    @Test
    final void servesWhatIsOnTheNode() throws Exception {
        TestNode node = node("n");
        try (ExportClient client = connect(add("n"))) {
            assertEquals(LENGTH, client.length());
            byte[] content = node.content();
            for (int[] range :
                    new int[][] {{0, 1}, {0, 4096}, {1, 511}, {LENGTH - 1, 1}, {4095, 70_000}}) {
                assertArrayEquals(
                        Arrays.copyOfRange(content, range[0], range[0] + range[1]),
                        client.read(range[0], range[1]),
                        "offset " + range[0] + ", length " + range[1]);
            }
        }
    }

    @Test
    final void whatIsWrittenIsOnTheNode() throws Exception {
        assumeTrue(writes(), "clients cannot write");
        TestNode node = node("n");
        byte[] data = pattern(70_000, 5);
        try (ExportClient client = connect(add("n"))) {
            client.write(4095, data);
            int flushes = node.flushes();
            client.flush();
            assertArrayEquals(data, Arrays.copyOfRange(node.content(), 4095, 4095 + data.length));
            assertTrue(node.flushes() > flushes, "the flush reached the node");
            assertArrayEquals(data, client.read(4095, data.length));
        }
    }

    @Test
    final void whatIsToBeOnStableStorageReachesTheNodeAsSuch() throws Exception {
        assumeTrue(writes(), "clients cannot write");
        TestNode node = node("n");
        try (ExportClient client = connect(add("n"))) {
            byte[] data = pattern(512, 1);
            int before = node.forced() + node.flushes();
            optional(() -> client.writeThrough(512, data));
            assertTrue(
                    node.forced() + node.flushes() > before,
                    "a write through reached the node with FUA, or a flush followed it");
            assertArrayEquals(data, Arrays.copyOfRange(node.content(), 512, 1024));
        }
    }

    @Test
    final void discardsReachTheNode() throws Exception {
        assumeTrue(writes(), "clients cannot write");
        TestNode node = node("n");
        byte[] before = node.content();
        try (ExportClient client = connect(add("n"))) {
            optional(() -> client.discard(65536, 131072));
            Await.until(
                    "a discard reaches the node, or zeroes do",
                    () -> node.discards() + node.zeroes() > 0);
        }
        byte[] after = node.content();
        Arrays.fill(before, 65536, 65536 + 131072, (byte) 0);
        Arrays.fill(after, 65536, 65536 + 131072, (byte) 0);
        assertArrayEquals(before, after, "what lies around the discarded range");
    }

    @Test
    final void zeroesReachTheNode() throws Exception {
        assumeTrue(writes(), "clients cannot write");
        TestNode node = node("n");
        byte[] expected = node.content();
        Arrays.fill(expected, 1000, 11_000, (byte) 0);
        try (ExportClient client = connect(add("n"))) {
            optional(() -> client.writeZeroes(1000, 10_000));
            client.flush();
            assertArrayEquals(expected, node.content(), "zeroes, and only where they were wanted");
        }
    }

    @Test
    final void readOnlyExportIsNotWritten() throws Exception {
        TestNode node = node("n");
        byte[] before = node.content();
        ExportEntry export = runtime().exports().add(with(all("x"), "writable", false));
        try (ExportClient client = connect(export)) {
            assertFails(
                    "a write to a read-only export", () -> writeAndFlush(client, 0, new byte[512]));
        }
        try (ExportClient client = connect(export)) {
            assertFails("writing zeroes to a read-only export", () -> client.writeZeroes(0, 4096));
        }
        assertArrayEquals(before, node.content(), "the content of a read-only export");
        assertEquals(0, node.discards(), "discards of a read-only export");
    }

    @Test
    final void nothingIsReadBeyondTheEnd() throws Exception {
        node("n");
        try (ExportClient client = connect(add("n"))) {
            assertFails("a read behind the end", () -> client.read(LENGTH, 512));
            assertFails("a read across the end", () -> client.read(LENGTH - 100, 512));
        }
    }

    @Test
    final void nothingIsWrittenBeyondTheEnd() throws Exception {
        assumeTrue(writes(), "clients cannot write");
        TestNode node = node("n");
        try (ExportClient client = connect(add("n"))) {
            byte[] data = new byte[4096];
            assertFails("a write behind the end", () -> writeAndFlush(client, LENGTH + 4096, data));
            assertFails("a write across the end", () -> writeAndFlush(client, LENGTH - 512, data));
        }
        assertEquals(LENGTH, node.content().length, "the node's length");
    }

    @Test
    final void errorsOfTheNodeReachTheClient() throws Exception {
        assumeTrue(readsTheNode(), "requests do not reach the node");
        TestNode node = node("n");
        ExportEntry export = add("n");
        try (ExportClient client = connect(export)) {
            node.fail(Errno.EIO);
            assertFails("a read that failed in the node", () -> client.read(512 << 10, 4096));
            node.fail(null);
        }
        try (ExportClient client = connect(export)) {
            assertArrayEquals(
                    Arrays.copyOfRange(node.content(), 512 << 10, (512 << 10) + 4096),
                    client.read(512 << 10, 4096),
                    "a read after the error is over");
        }
    }

    @Test
    final void errorsOfTheNodeReachTheClientThatWritesOrFlushes() throws Exception {
        assumeTrue(writes(), "clients cannot write");
        TestNode node = node("n");
        ExportEntry export = add("n");
        byte[] data = pattern(4096, 7);
        try (ExportClient client = connect(export)) {
            node.fail(Errno.ENOSPC);
            assertFails("a write that failed in the node", () -> writeAndFlush(client, 0, data));
            node.fail(null);
        }
        try (ExportClient client = connect(export)) {
            client.write(4096, data);
            node.failFlushes(Errno.EIO);
            assertFails("a flush that failed in the node", client::flush);
            node.failFlushes(null);
        }
        try (ExportClient client = connect(export)) {
            writeAndFlush(client, 4096, data);
        }
        assertArrayEquals(data, Arrays.copyOfRange(node.content(), 4096, 8192));
    }

    @Test
    final void requestsWaitWhileTheNodeIsDrained() throws Exception {
        TestNode node = node("n");
        ExportEntry export = add("n");
        Load load = new Load(() -> connect(export), node.content(), writes());
        for (int round = 0; round < 5; round++) {
            load.awaitRequests(10);
            runtime().reopen("n", round % 2 == 0 ? "ignore" : "unmap");
        }
        load.awaitRequests(10);
        load.endWithoutError(node);
    }

    @Test
    final void anotherLengthIsSeen() throws Exception {
        TestNode node = node("n");
        ExportEntry export = add("n");
        runtime().nodes().resize("n", LENGTH * 2L);
        awaitLength(export.id(), LENGTH * 2L);
        byte[] data = pattern(LENGTH * 2, 11);
        node.fill(data);
        try (ExportClient client = connect(export)) {
            assertArrayEquals(
                    Arrays.copyOfRange(data, LENGTH + 4096, LENGTH + 8192),
                    client.read(LENGTH + 4096, 4096),
                    "what was added");
        }
        runtime().nodes().resize("n", LENGTH / 2);
        awaitLength(export.id(), LENGTH / 2);
        try (ExportClient client = connect(export)) {
            assertFails("a read of what was cut off", () -> client.read(LENGTH / 2, 4096));
        }
    }

    private void awaitLength(String id, long length) {
        long[] seen = new long[1];
        Await.until(
                () -> "new clients see the length " + length + ", and not " + seen[0],
                () -> {
                    try (ExportClient client =
                            connect(runtime().exports().find(id).orElseThrow())) {
                        seen[0] = client.length();
                        return seen[0] == length;
                    }
                });
    }
}
