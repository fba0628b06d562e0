package io.diskport.qmp.json;

/** The value null, which Java's maps and lists do not like to hold. */
public enum JsonNull {
    /** The only one. */
    NULL;

    @Override
    public String toString() {
        return "null";
    }
}
