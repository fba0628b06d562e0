package io.diskport.nbd.server;

import static io.diskport.nbd.testing.Wire.BLOCK_STATUS;
import static io.diskport.nbd.testing.Wire.PAYLOAD_LEN;
import static io.diskport.nbd.testing.Wire.REQ_ONE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.Errno;
import io.diskport.nbd.testing.Answer;
import io.diskport.nbd.testing.Answer.Run;
import io.diskport.nbd.testing.NbdClient;
import io.diskport.nbd.testing.Wire;
import io.diskport.nbd.testing.Wire.Style;
import io.diskport.testkit.fake.MemoryBackend;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What clients are told of holes and layers, in chunks of both kinds. */
@Timeout(30)
@ParameterizedClass
@EnumSource(
        value = Style.class,
        names = {"STRUCTURED", "EXTENDED"})
class BlockStatusTest {
    private static final String ALLOCATION = "base:allocation";
    private static final String DEPTH = "qemu:allocation-depth";
    private static final int RUN = MemoryBackend.RUN;
    private static final int HOLE = 3;
    private static final int DATA = 0;
    private static final int RUNS = 5000;

    @Parameter Style style;

    private Site site;
    private MemoryBackend node;
    private NbdClient client;

    @BeforeEach
    void connect() throws Exception {
        site = new Site();
        node = MemoryBackend.of(RUNS * RUN);
        site.offer(node, "disk", "", true, false);
        client = site.client(style, "disk", ALLOCATION, DEPTH);
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        site.close();
    }

    private Answer status(int flags, long offset, long length, byte... payload) throws IOException {
        return client.call(BLOCK_STATUS, flags, offset, length, payload);
    }

    private List<Run> allocation(Answer answer) {
        assertEquals(0, answer.error, answer.message);
        return answer.status.get(client.context(ALLOCATION));
    }

    private List<Run> depth(Answer answer) {
        return answer.status.get(client.context(DEPTH));
    }

    private void fill(int... runs) {
        for (int run : runs) {
            node.fill(run * RUN, Wire.pattern(RUN, run));
        }
    }

    @Test
    void runsOfOneStateAreOne() throws IOException {
        fill(2, 3, 4, 9);
        node.depth = 2;
        Answer answer = status(0, 0, 11 * RUN);
        assertEquals(
                List.of(
                        new Run(2 * RUN, HOLE),
                        new Run(3 * RUN, DATA),
                        new Run(4 * RUN, HOLE),
                        new Run(RUN, DATA),
                        new Run(RUN, HOLE)),
                allocation(answer));
        assertEquals(
                List.of(
                        new Run(2 * RUN, 0),
                        new Run(3 * RUN, 2),
                        new Run(4 * RUN, 0),
                        new Run(RUN, 2),
                        new Run(RUN, 0)),
                depth(answer));
    }

    @Test
    void whatIsAskedForNeedNotBeAligned() throws IOException {
        fill(1);
        assertEquals(
                List.of(new Run(RUN - 5, HOLE), new Run(RUN, DATA), new Run(1, HOLE)),
                allocation(status(0, 5, 2 * RUN - 4)));
    }

    @Test
    void oneIsTheFirst() throws IOException {
        fill(3);
        assertEquals(List.of(new Run(3 * RUN, HOLE)), allocation(status(REQ_ONE, 0, 10 * RUN)));
        assertEquals(List.of(new Run(2 * RUN, HOLE)), allocation(status(REQ_ONE, 0, 2 * RUN)));
        assertEquals(List.of(new Run(1, DATA)), allocation(status(REQ_ONE, 4 * RUN - 1, 99)));
    }

    @Test
    void theEndIsTheEnd() throws IOException {
        fill(RUNS - 1);
        assertEquals(List.of(new Run(1, DATA)), allocation(status(0, RUNS * RUN - 1L, 1)));
        assertEquals(Wire.EINVAL, status(0, RUNS * RUN - 1L, 2).error);
        assertEquals(Wire.EINVAL, status(0, RUNS * RUN, 1).error);
        assertEquals(Wire.EINVAL, status(0, -1, 1).error);
        assertEquals(Wire.EINVAL, status(0, 0, 0).error, "of nothing");
    }

    @Test
    void manyRunsAreToldInParts() throws IOException {
        List<Run> expected = new ArrayList<>();
        for (int i = 0; i < RUNS; i++) {
            expected.add(new Run(RUN, i % 2 == 0 ? HOLE : DATA));
            if (i % 2 == 1) {
                fill(i);
            }
        }
        List<Run> all = new ArrayList<>();
        long at = 0;
        while (at < RUNS * RUN) {
            List<Run> part = allocation(status(0, at, RUNS * RUN - at));
            assertTrue(part.size() > 100, "few in a part: " + part.size());
            all.addAll(part);
            at += part.stream().mapToLong(Run::length).sum();
        }
        assertEquals(expected, all);
    }

    @Test
    void alongTheWholeOfALargeExportNoLengthOverflows() throws IOException {
        node.pretend(1L << 44);
        fill(0);
        long longest = style == Style.EXTENDED ? 1L << 44 : 0xffff_ffffL;
        assertEquals(
                List.of(new Run(RUN, DATA), new Run(longest - RUN, HOLE)),
                allocation(status(0, 0, longest)));
        assertEquals(
                List.of(new Run(longest - RUN, HOLE)),
                allocation(status(REQ_ONE, RUN, longest - RUN)));
        assertEquals(
                List.of(new Run(0xffff_ffffL, HOLE)),
                allocation(status(0, 1L << 43, 0xffff_ffffL)));
    }

    @Test
    void theNodesErrorIsTold() throws IOException {
        node.failure = Errno.EIO;
        Answer answer = status(0, 0, RUN);
        assertEquals(Wire.EIO, answer.error);
        assertEquals("as told: Input/output error", answer.message);
    }

    @Test
    void onlyWhatWasSelectedIsTold() throws IOException {
        try (NbdClient other = site.client(style, "disk", DEPTH)) {
            Answer answer = other.call(BLOCK_STATUS, 0, 0, RUN);
            assertEquals(List.of(other.context(DEPTH)), List.copyOf(answer.status.keySet()));
        }
    }

    @Test
    void flagsOfOtherRequestsAreInvalid() throws IOException {
        for (int flag : new int[] {2, 4, 16, 64, 1 << 15}) {
            assertEquals(Wire.EINVAL, status(flag, 0, RUN).error, "flag " + flag);
        }
        assertEquals(0, status(1, 0, RUN).error, "FUA");
    }

    @Test
    void aPayloadSaysWhichContextsAreWanted() throws IOException {
        if (style != Style.EXTENDED) {
            assertEquals(Wire.EINVAL, status(PAYLOAD_LEN, 0, RUN).error);
            return;
        }
        fill(1);
        for (String name : List.of(ALLOCATION, DEPTH)) {
            int context = client.context(name);
            byte[] payload = Wire.statusPayload(2 * RUN, context);
            Answer answer = status(PAYLOAD_LEN, 0, payload.length, payload);
            assertEquals(List.of(context), List.copyOf(answer.status.keySet()));
            assertEquals(2, answer.status.get(context).size());
        }
        byte[] both = Wire.statusPayload(RUN, client.context(DEPTH), client.context(ALLOCATION));
        assertEquals(2, status(PAYLOAD_LEN | REQ_ONE, 5, both.length, both).status.size());
    }

    @Test
    void aPayloadThatIsWrongIsInvalid() throws IOException {
        if (style != Style.EXTENDED) {
            return;
        }
        int id = client.context(ALLOCATION);
        List<byte[]> wrong =
                List.of(
                        Wire.statusPayload(RUN, 77),
                        Wire.statusPayload(RUN, id, 77),
                        Wire.statusPayload(RUN, id, id),
                        Wire.statusPayload(RUN, 0),
                        Wire.statusPayload(RUN, -1),
                        Wire.statusPayload(0, id),
                        Wire.statusPayload(-1, id),
                        Wire.statusPayload(Long.MIN_VALUE, id),
                        Wire.statusPayload(RUNS * RUN + 1L, id),
                        new byte[1],
                        new byte[8],
                        new byte[11],
                        new byte[13],
                        new byte[3000],
                        new byte[400_000]);
        for (byte[] payload : wrong) {
            Answer answer = status(PAYLOAD_LEN, 0, payload.length, payload);
            assertEquals(Wire.EINVAL, answer.error, payload.length + " bytes");
        }
        assertEquals(Wire.EINVAL, status(PAYLOAD_LEN, 0, 0).error, "no bytes");
        assertEquals(1, allocation(status(0, 0, RUN)).size());
    }
}
