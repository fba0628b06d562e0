package io.diskport.api.node;

/**
 * What requests a node takes and likes. All values are in bytes unless said otherwise.
 *
 * <p>Made from {@link #ANY} by its with-methods, so that limits which are added later do not
 * matter.
 *
 * @param requestAlignment offsets and lengths that reach the node are multiples of this power of
 *     two, but that a request may end at the node's length; 1 where any will do, at most 65536
 * @param memoryAlignment addresses of direct buffers that reach the node are multiples of this
 *     power of two; 1 where any will do, at most 4096
 * @param preferredLength a multiple of which is served best; at least requestAlignment
 * @param maximumLength the most that one read or write may carry
 * @param discardAlignment discards are rounded inwards to multiples of it
 * @param parallelism how many requests in flight at once still help
 */
public record BlockLimits(
        int requestAlignment,
        int memoryAlignment,
        int preferredLength,
        int maximumLength,
        int discardAlignment,
        int parallelism) {
    /** Any offset, any length, any address; 4096 is preferred, 16 in flight. */
    public static final BlockLimits ANY = new BlockLimits(1, 1, 4096, 1 << 30, 1, 16);

    /** Checks that alignments are powers of two and the rest is positive. */
    public BlockLimits {
        checkPower("requestAlignment", requestAlignment);
        checkPower("memoryAlignment", memoryAlignment);
        checkPower("preferredLength", preferredLength);
        checkPower("discardAlignment", discardAlignment);
        if (requestAlignment > 65536 || memoryAlignment > 4096) {
            throw new IllegalArgumentException(
                    "alignments " + requestAlignment + " and " + memoryAlignment);
        }
        if (maximumLength < requestAlignment || parallelism < 1) {
            throw new IllegalArgumentException(
                    "maximumLength " + maximumLength + ", parallelism " + parallelism);
        }
    }

    private static void checkPower(String name, int value) {
        if (Integer.bitCount(value) != 1 || value < 0) {
            throw new IllegalArgumentException(name + " " + value + " is no power of two");
        }
    }

    /** The same limits with other alignments of requests and memory. */
    public BlockLimits withAlignment(int request, int memory) {
        return new BlockLimits(
                request,
                memory,
                Math.max(preferredLength, request),
                maximumLength,
                Math.max(discardAlignment, request),
                parallelism);
    }

    /** The same limits with other lengths of requests. */
    public BlockLimits withLengths(int preferred, int maximum) {
        return new BlockLimits(
                requestAlignment,
                memoryAlignment,
                preferred,
                maximum,
                discardAlignment,
                parallelism);
    }

    /** The same limits with another discard alignment. */
    public BlockLimits withDiscardAlignment(int alignment) {
        return new BlockLimits(
                requestAlignment,
                memoryAlignment,
                preferredLength,
                maximumLength,
                alignment,
                parallelism);
    }

    /** The same limits with another number of requests in flight. */
    public BlockLimits withParallelism(int requests) {
        return new BlockLimits(
                requestAlignment,
                memoryAlignment,
                preferredLength,
                maximumLength,
                discardAlignment,
                requests);
    }
}
