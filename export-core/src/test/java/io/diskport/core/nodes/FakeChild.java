package io.diskport.core.nodes;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.node.BlockChild;
import io.diskport.api.node.BlockLimits;
import io.diskport.api.node.ChildListener;
import io.diskport.api.node.Extent;
import io.diskport.api.node.FileLease;
import io.diskport.api.node.Permissions;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** A child in memory that refuses what its parent has no permission for, as core does. */
final class FakeChild implements BlockChild {
    final MemoryNode memory;
    ChildListener listener = ChildListener.NONE;
    Permissions held = Permissions.NONE;
    Permissions shared = Permissions.ALL;
    Permissions refused = Permissions.NONE;
    BlockLimits limits = BlockLimits.ANY;
    boolean tries = true;

    FakeChild(long length) {
        memory = new MemoryNode("child", length);
    }

    void fill(long offset, String latin) throws BlockIOException {
        memory.write(offset, 0, ByteBuffer.wrap(latin.getBytes(StandardCharsets.ISO_8859_1)));
    }

    @Override
    public String nodeName() {
        return "child";
    }

    @Override
    public boolean readOnly() {
        return false;
    }

    @Override
    public void setPermissions(Permissions newHeld, Permissions newShared) throws BlockException {
        if (!newHeld.and(refused).isEmpty()) {
            throw new BlockException(Reason.IN_USE, "export 'a' does not share it");
        }
        held = newHeld;
        shared = newShared;
    }

    @Override
    public long length() {
        return memory.length();
    }

    @Override
    public long allocatedLength() {
        return memory.allocatedLength();
    }

    @Override
    public BlockLimits limits() {
        return limits;
    }

    @Override
    public void read(long offset, ByteBuffer destination) throws BlockIOException {
        need(held.read());
        memory.read(offset, destination);
    }

    @Override
    public boolean tryRead(long offset, ByteBuffer destination) throws BlockIOException {
        need(held.read());
        return tries && memory.tryRead(offset, destination);
    }

    @Override
    public boolean tryWrite(long offset, int flags, ByteBuffer source) throws BlockIOException {
        need(held.write());
        return tries && memory.tryWrite(offset, flags, source);
    }

    @Override
    public void write(long offset, int flags, ByteBuffer source) throws BlockIOException {
        need(held.write());
        memory.write(offset, flags, source);
    }

    @Override
    public void flush() {}

    @Override
    public void discard(long offset, long length, int flags) throws BlockIOException {
        need(held.write());
        memory.discard(offset, length, flags);
    }

    @Override
    public void writeZeroes(long offset, long length, int flags) throws BlockIOException {
        need(held.write());
        memory.writeZeroes(offset, length, flags);
    }

    @Override
    public Extent status(long offset, long length) {
        return memory.status(offset, length);
    }

    @Override
    public void truncate(long length) throws BlockIOException {
        need(held.resize());
        memory.truncate(length);
        listener.lengthChanged(length);
    }

    @Override
    public Optional<FileLease> leaseFile(boolean writable, Runnable revoke) {
        return Optional.of(new Lease(memory.length(), writable));
    }

    private static void need(boolean permission) throws BlockIOException {
        if (!permission) {
            throw new BlockIOException(Errno.EPERM, "no permission");
        }
    }

    private record Lease(long length, boolean writable) implements FileLease {
        @Override
        public int descriptor() {
            return 42;
        }

        @Override
        public long offset() {
            return 1000;
        }

        @Override
        public void close() {}
    }
}
