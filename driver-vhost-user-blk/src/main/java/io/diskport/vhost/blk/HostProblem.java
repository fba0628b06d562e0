package io.diskport.vhost.blk;

import io.diskport.natives.Libc;
import io.diskport.natives.LibcMemory;
import io.diskport.natives.LibcSocket;
import io.diskport.natives.NativeDescriptor;
import io.diskport.natives.NativeError;
import io.diskport.natives.NativeMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Tries the system calls that the driver needs, as a sandbox may forbid some. */
final class HostProblem {
    private static final int PAGE = 4096;
    private static final int MSGHDR = 56;

    private HostProblem() {}

    /** What does not work on this host, in plain words; empty if all does. */
    static Optional<String> find() {
        return memory().or(HostProblem::event).or(HostProblem::messages);
    }

    private static Optional<String> memory() {
        int fd = LibcMemory.memfd("vhost-probe", LibcMemory.MFD_CLOEXEC);
        if (fd < 0) {
            return problem("memfd_create (Linux 3.17)", fd);
        }
        try (NativeDescriptor file = new NativeDescriptor(fd)) {
            int error = Libc.ftruncate(file.fd(), PAGE);
            long address =
                    error < 0
                            ? error
                            : LibcMemory.mmap(
                                    PAGE,
                                    LibcMemory.PROT_READ | LibcMemory.PROT_WRITE,
                                    LibcMemory.MAP_SHARED,
                                    file.fd(),
                                    0);
            if (address < 0) {
                return problem("mmap of shared memory", (int) address);
            }
            NativeMemory.view(address, PAGE).put(0, (byte) 1);
            LibcMemory.munmap(address, PAGE);
            return Optional.empty();
        }
    }

    private static Optional<String> event() {
        try (Event event = new Event()) {
            event.signal();
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(e.getMessage());
        }
    }

    private static Optional<String> messages() {
        int type = LibcSocket.SOCK_STREAM | LibcSocket.SOCK_CLOEXEC;
        int fd = LibcSocket.socket(LibcSocket.AF_UNIX, type, 0);
        if (fd < 0) {
            return problem("Unix sockets", fd);
        }
        try (NativeDescriptor socket = new NativeDescriptor(fd)) {
            ByteBuffer message = NativeMemory.allocate(MSGHDR, 8);
            long address = NativeMemory.address(message);
            int error = (int) LibcSocket.recvmsg(socket.fd(), address, LibcSocket.MSG_DONTWAIT);
            // Nobody is connected, so it has to fail; but not for want of the call.
            return error == -NativeError.ENOSYS || error == -NativeError.EPERM
                    ? problem("recvmsg", error)
                    : Optional.empty();
        }
    }

    private static Optional<String> problem(String what, int error) {
        return Optional.of(what + " does not work here: " + NativeError.message(error));
    }
}
