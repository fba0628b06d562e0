package io.diskport.fuse.file;

/** The attributes of the exported file, to be filled and read by an engine; see stat(2). */
public final class FileAttributes {
    /** File type and permission bits. */
    public int mode;

    public int uid;
    public int gid;

    /** The length in bytes, to the byte. */
    public long size;

    /** Allocated units of 512 bytes. */
    public long blocks;

    /** What requests are best a multiple of, in bytes. */
    public int blockSize;

    public long accessSeconds;
    public int accessNanos;
    public long modifySeconds;
    public int modifyNanos;
    public long changeSeconds;
    public int changeNanos;
}
