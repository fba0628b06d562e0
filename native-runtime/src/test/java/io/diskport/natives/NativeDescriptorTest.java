package io.diskport.natives;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class NativeDescriptorTest {
    private static int open() {
        return Libc.open("/dev/null", LibcConstants.O_RDONLY | LibcConstants.O_CLOEXEC, 0);
    }

    @Test
    void closesOnce() {
        int number = open();
        NativeDescriptor descriptor = new NativeDescriptor(number);
        assertEquals(number, descriptor.fd());
        descriptor.close();
        assertFalse(descriptor.isOpen());
        // the number is free again, and a second close must not close whoever got it
        int next = Libc.fcntl(0, LibcConstants.F_DUPFD_CLOEXEC, number);
        descriptor.close();
        assertEquals(0, Libc.close(next));
        assertThrows(IllegalStateException.class, descriptor::fd);
    }

    @Test
    void givesTheNumberAway() {
        NativeDescriptor descriptor = new NativeDescriptor(open());
        int number = descriptor.release();
        descriptor.close();
        assertEquals(0, Libc.close(number));
        assertThrows(IllegalStateException.class, descriptor::release);
    }
}
