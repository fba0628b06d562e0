package io.diskport.api.node;

import io.diskport.api.BlockIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A read or write that begins in one call and ends later, in another thread: for whoever has many
 * under way and no thread to spare for each, see {@link BlockIo#begin}.
 *
 * <p>Its user extends it, and uses it again and again: {@link #prepareRead} or {@link
 * #prepareWrite}, {@link BlockIo#begin}, and one of {@link #done}, {@link #undone} and {@link
 * #failed} when it has ended. The buffers are the node's meanwhile. What lies between the user and
 * the node enters itself as a {@link Layer}, and hears of the end before the user does.
 *
 * <p>It has one owner at a time, and needs no lock: the user until it begins, the node until it
 * ends.
 */
@ConsumerType
public abstract class AsyncRequest {
    /** How a request has ended. */
    public enum Outcome {
        DONE,
        UNDONE,
        FAILED
    }

    /** Somebody who has let a request pass, and has to hear of its end. */
    public interface Layer {
        /**
         * A request has ended that {@link AsyncRequest#enter} was called with. Any thread; it does
         * not wait, and throws nothing.
         *
         * @param state what was given to enter
         */
        void ended(AsyncRequest request, long state, Outcome outcome);
    }

    private static final int USUAL_LAYERS = 8;

    private Layer[] layers = new Layer[USUAL_LAYERS];
    private long[] states = new long[USUAL_LAYERS];
    private int depth;
    private boolean write;
    private long offset;
    private int flags;
    private ByteBuffer[] buffers = {};
    private int first;
    private int count;
    private long length;

    /** Makes it a read, into {@code count} buffers from index {@code first}. Of its user. */
    public final void prepareRead(long at, ByteBuffer[] destinations, int from, int number) {
        prepare(false, at, RequestFlags.NONE, destinations, from, number);
    }

    /**
     * Makes it a write, of {@code count} buffers from index {@code first}. Of its user.
     *
     * @param requestFlags {@link RequestFlags#FUA} or none
     */
    public final void prepareWrite(
            long at, int requestFlags, ByteBuffer[] sources, int from, int number) {
        prepare(true, at, requestFlags, sources, from, number);
    }

    private void prepare(
            boolean writes, long at, int requestFlags, ByteBuffer[] data, int from, int number) {
        if (depth > 0) {
            throw new IllegalStateException("the request is under way");
        }
        write = writes;
        offset = at;
        flags = requestFlags;
        buffers = data;
        first = from;
        count = number;
        length = 0;
        for (int i = from; i < from + number; i++) {
            length += data[i].remaining();
        }
    }

    // What it asks for

    public final boolean isWrite() {
        return write;
    }

    public final long offset() {
        return offset;
    }

    /** {@link RequestFlags} of a write. */
    public final int flags() {
        return flags;
    }

    /** What holds the buffers, among others. */
    public final ByteBuffer[] buffers() {
        return buffers;
    }

    /** The index of the first buffer. */
    public final int first() {
        return first;
    }

    /** How many buffers there are. */
    public final int count() {
        return count;
    }

    /** The bytes of all buffers. */
    public final long length() {
        return length;
    }

    // For layers, before it begins

    /** Moves it by a number of bytes: a filter whose child begins elsewhere. */
    public final void move(long bytes) {
        offset += bytes;
    }

    /** Adds flags to a write. */
    public final void addFlags(int more) {
        if (write) {
            flags |= more;
        }
    }

    /** Has a layer hear of the end, before those that have entered before it. */
    public final void enter(Layer layer, long state) {
        if (depth == layers.length) {
            layers = Arrays.copyOf(layers, 2 * depth);
            states = Arrays.copyOf(states, 2 * depth);
        }
        layers[depth] = layer;
        states[depth] = state;
        depth++;
    }

    /** Takes back the last {@link #enter}: the request has not begun after all. */
    public final void leave() {
        depth--;
        layers[depth] = null;
    }

    // For the node that has begun it: one of them, once

    /** All of it is done; moves the buffers' positions to their limits. */
    public final void complete() {
        for (int i = first; i < first + count; i++) {
            buffers[i].position(buffers[i].limit());
        }
        leaveAll(Outcome.DONE);
        done();
    }

    /**
     * It would have to wait after all, or was done in part: its user gives it to a call that waits.
     */
    public final void giveUp() {
        leaveAll(Outcome.UNDONE);
        undone();
    }

    /** It has failed. */
    public final void fail(BlockIOException failure) {
        leaveAll(Outcome.FAILED);
        failed(failure);
    }

    private void leaveAll(Outcome outcome) {
        while (depth > 0) {
            depth--;
            Layer layer = layers[depth];
            layers[depth] = null;
            layer.ended(this, states[depth], outcome);
        }
    }

    // What its user does at the end: in a thread of the node, without waiting, throwing nothing

    /** All of it is done. */
    protected abstract void done();

    /** It is to be given to the call that waits, all of it. */
    protected abstract void undone();

    /** It has failed. */
    protected abstract void failed(BlockIOException failure);
}
