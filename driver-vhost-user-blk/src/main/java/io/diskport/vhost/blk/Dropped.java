package io.diskport.vhost.blk;

/** The export ends in the middle of something that waits. */
final class Dropped extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Dropped() {
        super("the export ends", null, false, false);
    }
}
