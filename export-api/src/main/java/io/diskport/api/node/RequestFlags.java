package io.diskport.api.node;

/** Bits of the flags argument of requests; bits that are not listed are refused with EINVAL. */
public final class RequestFlags {
    /** No flag. */
    public static final int NONE = 0;

    /** Force unit access: the data is on stable storage before the call returns. */
    public static final int FUA = 1;

    /** Writing zeroes must leave the range allocated. */
    public static final int NO_UNMAP = 1 << 1;

    /** Writing zeroes fails with EOPNOTSUPP where it would be no faster than writing data. */
    public static final int NO_FALLBACK = 1 << 2;

    private RequestFlags() {}
}
