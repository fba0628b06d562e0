package io.diskport.core.io;

import java.util.concurrent.atomic.LongAdder;

/** What one client has used. Any thread; adding takes no lock. */
public final class Usage {
    private final LongAdder requests = new LongAdder();
    private final LongAdder bytes = new LongAdder();

    void add(long length) {
        requests.increment();
        bytes.add(length);
    }

    /** Finished requests. */
    public long requests() {
        return requests.sum();
    }

    /** Bytes read and written. */
    public long bytes() {
        return bytes.sum();
    }
}
