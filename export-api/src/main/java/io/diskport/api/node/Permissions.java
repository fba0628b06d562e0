package io.diskport.api.node;

/**
 * What a user of a node does to it, or lets others do.
 *
 * @param read reads, and relies on what it reads
 * @param write writes
 * @param resize changes the length
 */
public record Permissions(boolean read, boolean write, boolean resize) {
    /** Nothing. */
    public static final Permissions NONE = new Permissions(false, false, false);

    /** Reading only. */
    public static final Permissions READ = new Permissions(true, false, false);

    /** Reading and writing. */
    public static final Permissions READ_WRITE = new Permissions(true, true, false);

    /** Everything. */
    public static final Permissions ALL = new Permissions(true, true, true);

    /** What either of the two has. */
    public Permissions or(Permissions other) {
        return new Permissions(read || other.read, write || other.write, resize || other.resize);
    }

    /** What both of the two have. */
    public Permissions and(Permissions other) {
        return new Permissions(read && other.read, write && other.write, resize && other.resize);
    }

    /** What this has and the other has not. */
    public Permissions minus(Permissions other) {
        return new Permissions(read && !other.read, write && !other.write, resize && !other.resize);
    }

    /** Whether nothing is permitted. */
    public boolean isEmpty() {
        return !read && !write && !resize;
    }

    /** For messages: {@code read, write}, or {@code none}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        append(text, read, "read");
        append(text, write, "write");
        append(text, resize, "resize");
        return text.isEmpty() ? "none" : text.toString();
    }

    private static void append(StringBuilder text, boolean present, String name) {
        if (present) {
            text.append(text.isEmpty() ? "" : ", ").append(name);
        }
    }
}
