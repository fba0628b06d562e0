package io.diskport.nbd.node;

import io.diskport.nbd.protocol.Nbd;

/** The forms of requests and replies that both ends have agreed on. */
enum Dialect {
    /** Simple replies only. */
    SIMPLE("simple replies", Nbd.REQUEST_MAGIC),
    /** Reads and block status are answered in chunks. */
    STRUCTURED("structured replies", Nbd.REQUEST_MAGIC),
    /** Lengths of 64 bits, and chunks only. */
    EXTENDED("extended headers", Nbd.EXTENDED_REQUEST_MAGIC);

    private final String text;
    private final int requestMagic;

    Dialect(String text, int requestMagic) {
        this.text = text;
        this.requestMagic = requestMagic;
    }

    int requestMagic() {
        return requestMagic;
    }

    @Override
    public String toString() {
        return text;
    }
}
