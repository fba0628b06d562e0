package io.diskport.file;

/**
 * What O_DIRECT asks for; both are powers of two.
 *
 * @param request offsets and lengths are multiples of it
 * @param memory addresses of buffers are multiples of it
 */
record Alignment(int request, int memory) {
    /** As much as may be asked of requests. */
    static final int LARGEST = 64 * 1024;

    static final Alignment NONE = new Alignment(1, 1);

    /** Whether there is anything to ask for. */
    boolean isNone() {
        return request == 1 && memory == 1;
    }
}
