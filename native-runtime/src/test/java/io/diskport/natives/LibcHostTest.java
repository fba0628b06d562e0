package io.diskport.natives;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LibcHostTest {
    @Test
    void worksHere() {
        assertEquals(Optional.empty(), NativeRuntime.problem());
        assertEquals(ProcessHandle.current().pid(), LibcHost.getpid());
        assertEquals("root".equals(System.getProperty("user.name")), LibcHost.geteuid() == 0);
        assertEquals(LibcHost.getuid(), LibcHost.geteuid());
        assertEquals(LibcHost.getgid(), LibcHost.getegid());
    }

    @Test
    void waitsForAnEvent() {
        int event = LibcHost.eventfd(0, LibcConstants.EFD_NONBLOCK | LibcConstants.EFD_CLOEXEC);
        ByteBuffer poll = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder());
        poll.putInt(0, event).putShort(4, (short) LibcConstants.POLLIN);
        assertEquals(0, LibcHost.poll(NativeMemory.address(poll), 1, 0));
        ByteBuffer count = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder());
        count.putLong(0, 3);
        assertEquals(8, Libc.write(event, NativeMemory.address(count), 8));
        assertEquals(1, LibcHost.poll(NativeMemory.address(poll), 1, 1000));
        assertEquals(LibcConstants.POLLIN, poll.getShort(6));
        count.putLong(0, 0);
        assertEquals(8, Libc.read(event, NativeMemory.address(count), 8));
        assertEquals(3, count.getLong(0));
        assertEquals(-NativeError.EAGAIN, Libc.read(event, NativeMemory.address(count), 8));
        Libc.close(event);
    }

    @Test
    void refusesMountsWithTheReason() {
        assertTrue(LibcHost.mount("none", "/nonexistent/x", "tmpfs", 0, "") < 0);
        int result = LibcHost.umount2("/nonexistent/x", LibcConstants.MNT_DETACH);
        assertTrue(result == -NativeError.ENOENT || result == -NativeError.EPERM);
    }

    @Test
    void alignsMemory() {
        ByteBuffer buffer = NativeMemory.allocate(8192, 4096);
        assertEquals(8192, buffer.remaining());
        assertEquals(0, NativeMemory.address(buffer) % 4096);
        NativeMemory.zero(NativeMemory.address(buffer), 8192);
        assertEquals(ByteOrder.nativeOrder(), buffer.order());
    }
}
