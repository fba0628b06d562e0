package io.diskport.api.node;

/**
 * The state of a run of bytes; hole and zero are independent.
 *
 * @param length how many bytes from the offset that was asked for, at least 1
 * @param hole nothing is allocated for the run
 * @param zero the run reads as zeroes
 * @param depth the layer that holds the data: 0 none, 1 this node, 2 its child, and so on
 */
public record Extent(long length, boolean hole, boolean zero, int depth) {
    /** Checks the length. */
    public Extent {
        if (length <= 0) {
            throw new IllegalArgumentException("extent of length " + length);
        }
    }

    /** Allocated data of which nothing more is known. */
    public static Extent data(long length) {
        return new Extent(length, false, false, 1);
    }

    /** A hole that reads as zeroes. */
    public static Extent hole(long length) {
        return new Extent(length, true, true, 0);
    }

    /** The same state over another length. */
    public Extent withLength(long newLength) {
        return new Extent(newLength, hole, zero, depth);
    }
}
