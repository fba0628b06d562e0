package io.diskport.api.export;

import io.diskport.api.node.BlockIo;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The exported node behind the export's permissions, bounds, accounting and draining.
 *
 * <p>Any thread, calls may run concurrently. Any offset and length is right; what lies outside the
 * node fails: reading, discarding and status with EINVAL, writing and zeroing with ENOSPC. Writing
 * where {@link #writable()} is false fails with EROFS. Once the export has ended, every call fails
 * with ESHUTDOWN, those that wait inside core included.
 *
 * <p>A driver first tries inline ({@link #tryRead}, {@link #tryWrite}) and gives what would wait to
 * its context's executor. Flush, discard, zeroes and truncation always go there.
 */
@ProviderType
public interface BlockBackend extends BlockIo {
    /** The exported node's name. */
    String nodeName();

    /** Whether clients may write. */
    boolean writable();

    /** Whether the length may be changed through it, see {@link BlockExportDriver#permissions}. */
    boolean resizable();

    /**
     * A number that is another when somebody else than this export has changed the content or the
     * length since it was last asked for, for drivers whose clients keep copies. Does not block. It
     * says nothing of what is done to a file from outside of Diskport.
     */
    default long changesByOthers() {
        return 0;
    }
}
