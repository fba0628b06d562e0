package io.diskport.testkit;

import java.io.IOException;

/**
 * A client of an export, as its driver's users have one: a file, a socket. Written by whoever tests
 * a driver. The optional methods throw UnsupportedOperationException where the interface has no
 * such thing; the tests that need them are skipped then.
 */
public interface ExportClient extends AutoCloseable {
    /** Reads bytes; fails if the export says so, or if there are fewer. */
    byte[] read(long offset, int length) throws IOException;

    /** Writes bytes; when it returns they are with the export. */
    void write(long offset, byte[] bytes) throws IOException;

    /** Has what was written be on stable storage. */
    void flush() throws IOException;

    /** The length that the client sees, in bytes. */
    long length() throws IOException;

    /** Writes bytes that are on stable storage when it returns (FUA, O_DSYNC). */
    default void writeThrough(long offset, byte[] bytes) throws IOException {
        throw new UnsupportedOperationException();
    }

    /** Says that a range is not needed any more. */
    default void discard(long offset, long length) throws IOException {
        throw new UnsupportedOperationException();
    }

    /** Has a range read as zeroes. */
    default void writeZeroes(long offset, long length) throws IOException {
        throw new UnsupportedOperationException();
    }

    @Override
    void close() throws IOException;
}
