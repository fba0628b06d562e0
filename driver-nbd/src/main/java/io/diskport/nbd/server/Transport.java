package io.diskport.nbd.server;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The bytes of one connection. One thread receives at a time, and one sends at a time; the two may
 * be different ones.
 */
interface Transport extends Closeable {
    /** What {@link #receive} answers once {@link #wake} was called. */
    int WOKEN = -2;

    /**
     * Waits for bytes.
     *
     * @param patient whether the client has other requests under way, so that it may be left to
     *     send some more before anybody looks
     * @return how many were put into the buffer, at least 1; -1 at the end; {@link #WOKEN}; or 0 if
     *     {@link #nudge} was called
     */
    int receive(ByteBuffer buffer, boolean patient) throws IOException;

    /** Whether {@link #trySend} may be called: it never waits. */
    boolean sendsWithoutWaiting();

    /** Sends as much as can be sent without waiting. */
    void trySend(ByteBuffer[] buffers, int count) throws IOException;

    /**
     * Sends all, however long that takes.
     *
     * @return false if {@link #wake} was called before all was sent: the buffers' positions tell
     */
    boolean send(ByteBuffer[] buffers, int count) throws IOException;

    /** Has a {@link #receive} that waits come back with 0. Any thread. */
    void nudge();

    /**
     * Has whoever waits here come back, now and from now on, so that the connection can be left to
     * somebody else. Any thread.
     */
    void wake();

    /** Whether {@link #wake} was called. */
    boolean isWoken();

    /** Since when {@link #receive} waits, by System.nanoTime; 0 if it does not. Any thread. */
    long waitingSince();

    /** Since when a {@link #send} waits, by System.nanoTime; 0 if none does. Any thread. */
    long blockedSince();

    /** Any thread; idempotent. Whoever waits gets an error or the end. */
    @Override
    void close();
}
