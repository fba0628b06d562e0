package io.diskport.fuse.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.BlockException;
import io.diskport.natives.NativeMemory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** FUSE_INIT with kernels of several ages. */
@Timeout(60)
class HandshakeTest {
    // flags of struct fuse_init_in and fuse_init_out, in linux/fuse.h
    private static final long ASYNC_READ = 1;
    private static final long POSIX_LOCKS = 1L << 1;
    private static final long ATOMIC_O_TRUNC = 1L << 3;
    private static final long BIG_WRITES = 1L << 5;
    private static final long FLOCK_LOCKS = 1L << 10;
    private static final long ASYNC_DIO = 1L << 15;
    private static final long WRITEBACK_CACHE = 1L << 16;
    private static final long PARALLEL_DIROPS = 1L << 18;
    private static final long MAX_PAGES = 1L << 22;
    private static final long HANDLE_KILLPRIV_V2 = 1L << 28;
    private static final long INIT_EXT = 1L << 30;
    private static final long DIRECT_IO_ALLOW_MMAP = 1L << 36;
    private static final long PASSTHROUGH = 1L << 37;
    private static final long OVER_IO_URING = 1L << 41;
    private static final long USED =
            ASYNC_READ
                    | ATOMIC_O_TRUNC
                    | BIG_WRITES
                    | ASYNC_DIO
                    | MAX_PAGES
                    | HANDLE_KILLPRIV_V2
                    | INIT_EXT
                    | DIRECT_IO_ALLOW_MMAP;
    private static final int MIB = 1 << 20;

    private final FakeKernel kernel = new FakeKernel();

    @AfterEach
    void hangUp() throws InterruptedException {
        kernel.close();
    }

    private record Agreed(Handshake handshake, Reply reply) {}

    private Agreed agree(Request init, int maxData, boolean passthrough) throws Exception {
        kernel.send(init);
        Handshake handshake = Handshake.with(kernel.descriptor(), maxData, passthrough);
        Reply reply = kernel.await(init);
        assertEquals(0, reply.error());
        assertEquals(64, reply.body().length, "struct fuse_init_out since 7.23");
        return new Agreed(handshake, reply);
    }

    private String refused(byte[] request) {
        kernel.send(request);
        return assertThrows(
                        BlockException.class, () -> Handshake.with(kernel.descriptor(), MIB, false))
                .getMessage();
    }

    private static long flags(Reply reply) {
        return Integer.toUnsignedLong(reply.u32(12)) | (long) reply.u32(32) << 32;
    }

    @Test
    void kernelsThatAreTooOldAreRefusedWithWhatToDo() {
        String text = refused(Request.init(7, 22, -1).bytes());
        assertTrue(text.contains("FUSE 7.22"), text);
        assertTrue(text.contains("Linux 3.15"), text);
        assertTrue(text.contains("engine=libfuse"), text);
        text = refused(Request.init(6, 40, -1).bytes());
        assertTrue(text.contains("FUSE 6.40"), text);
        text = refused(Request.init(8, 40, -1).bytes());
        assertTrue(text.contains("FUSE 8.40"), text);
    }

    @Test
    void theOldestKernelThatIsServedGetsSmallRequests() throws Exception {
        Request init = Request.init(7, 23, (int) (ASYNC_READ | BIG_WRITES | POSIX_LOCKS));
        Agreed agreed = agree(init, MIB, true);
        assertEquals(new Handshake(23, 128 << 10, false), agreed.handshake());
        Reply reply = agreed.reply();
        assertEquals(7, reply.u32(0), "major");
        assertEquals(23, reply.u32(4), "minor");
        assertTrue(reply.u32(8) >= 128 << 10, "max_readahead");
        assertEquals(ASYNC_READ | BIG_WRITES, flags(reply));
        assertEquals(256, reply.u16(16), "max_background");
        assertEquals(192, reply.u16(18), "congestion_threshold");
        assertEquals(128 << 10, reply.u32(20), "max_write");
        assertEquals(1, reply.u32(24), "time_gran");
        assertEquals(0, reply.u16(28), "max_pages");
        assertEquals(0, reply.u16(30), "map_alignment");
        assertEquals(0, reply.u32(36), "max_stack_depth");
        assertArrayEquals(
                new byte[24], Arrays.copyOfRange(reply.body(), 40, 64), "what is not used");
    }

    @Test
    void largeRequestsNeedMaxPages() throws Exception {
        Agreed without = agree(Request.init(7, 28, (int) BIG_WRITES), MIB, false);
        assertEquals(new Handshake(28, 128 << 10, false), without.handshake());
        assertEquals(128 << 10, without.reply().u32(20), "max_write");
        assertEquals(0, without.reply().u16(28), "max_pages");
        Agreed with = agree(Request.init(7, 28, (int) (BIG_WRITES | MAX_PAGES)), MIB, false);
        assertEquals(new Handshake(28, MIB, false), with.handshake());
        assertEquals(MIB, with.reply().u32(20), "max_write");
        assertEquals(256, with.reply().u16(28), "max_pages");
        assertEquals(BIG_WRITES | MAX_PAGES, flags(with.reply()));
    }

    @Test
    void requestsAreNoLargerThanTheMountAllows() throws Exception {
        Agreed small = agree(Request.init(36, -1L), 64 << 10, false);
        assertEquals(64 << 10, small.handshake().maxData());
        assertEquals(64 << 10, small.reply().u32(20), "max_write");
        assertEquals(16, small.reply().u16(28), "max_pages");
        Agreed large = agree(Request.init(36, -1L), 4 * MIB, false);
        assertEquals(4 * MIB, large.reply().u32(20), "max_write");
        assertEquals(1024, large.reply().u16(28), "max_pages");
        int few = 64 << 10;
        assertEquals(few, agree(Request.init(7, 28, 0), few, false).handshake().maxData());
    }

    @Test
    void onlyWhatIsUsedIsAgreedOn() throws Exception {
        Agreed agreed = agree(Request.init(45, -1L), MIB, false);
        assertEquals(USED, flags(agreed.reply()));
        assertEquals(0, USED & (WRITEBACK_CACHE | FLOCK_LOCKS | OVER_IO_URING | PARALLEL_DIROPS));
        assertEquals(40, agreed.reply().u32(4), "minor");
        assertEquals(40, agreed.handshake().minor());
    }

    @Test
    void passthroughIsAgreedOnWhereItIsOfferedAndWanted() throws Exception {
        Agreed both = agree(Request.init(40, USED | PASSTHROUGH), MIB, true);
        assertTrue(both.handshake().passthrough());
        assertEquals(USED | PASSTHROUGH, flags(both.reply()));
        assertEquals(1, both.reply().u32(36), "max_stack_depth");
        Agreed offered = agree(Request.init(40, USED | PASSTHROUGH), MIB, false);
        assertEquals(new Handshake(40, MIB, false), offered.handshake());
        assertEquals(USED, flags(offered.reply()));
        assertEquals(0, offered.reply().u32(36), "max_stack_depth");
        Agreed wanted = agree(Request.init(40, USED), MIB, true);
        assertEquals(new Handshake(40, MIB, false), wanted.handshake());
        assertEquals(USED, flags(wanted.reply()));
        assertEquals(0, wanted.reply().u32(36), "max_stack_depth");
    }

    @Test
    void theSecondFlagsCountOnlyIfTheFirstSaySo() throws Exception {
        long without = (USED | PASSTHROUGH) & ~INIT_EXT;
        Agreed agreed = agree(Request.init(40, without), MIB, true);
        assertEquals(without & 0xffff_ffffL, flags(agreed.reply()));
        assertEquals(false, agreed.handshake().passthrough());
    }

    @Test
    void aFieldThatDidNotComeIsNotRead() throws Exception {
        Request init = Request.init(7, 36, (int) (USED | INIT_EXT));
        try (RequestBuffer request = new RequestBuffer(MIB)) {
            ByteBuffer memory = NativeMemory.view(request.requestAddress(), request.requestRoom());
            byte[] older = new byte[200];
            Arrays.fill(older, (byte) 0xff);
            memory.put(0, older).put(0, init.bytes());
            assertTrue(request.received(init.length()));
            Handshake handshake = Handshake.answer(request, MIB, true);
            assertEquals(new Handshake(36, MIB, false), handshake);
            byte[] reply = new byte[request.replyLength()];
            NativeMemory.view(request.replyAddress(), reply.length).get(reply);
            assertEquals(USED & 0xffff_ffffL, flags(Reply.of(reply)));
        }
    }

    @Test
    void whatIsNoInitIsRefused() {
        String text = "the kernel began with something else than FUSE_INIT";
        Request init = Request.init(7, 40, -1);
        assertEquals(text, refused(init.bytes(55)));
        assertEquals(text, refused(init.bytes(40)));
        assertEquals(text, refused(init.bytes(39)));
        assertEquals(text, refused(Request.getattr().bytes()));
        byte[] lie = init.bytes();
        lie[0] = 48;
        assertEquals(text, refused(lie));
    }

    @Test
    void aConnectionThatEndedIsRefused() {
        kernel.hangUp();
        assertThrows(BlockException.class, () -> Handshake.with(kernel.descriptor(), MIB, false));
    }

    @Test
    void theMostDataIsWholePagesWithinReason() {
        int most = Handshake.mostData();
        assertEquals(0, most % 4096);
        assertTrue(most >= 4096 && most <= 4 * MIB, "most data " + most);
    }
}
