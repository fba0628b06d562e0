package io.diskport.testkit.bad;

/**
 * What clients and exports of type bad say to each other: a byte that says what is wanted, an
 * offset of 8, a length of 4, and what is to be written. The answer is a byte, 0 if all went well,
 * and what was read.
 */
public final class Wire {
    public static final int HEADER = 13;
    public static final byte READ = 0;
    public static final byte WRITE = 1;
    public static final byte WRITE_THROUGH = 2;
    public static final byte FLUSH = 3;
    public static final byte DISCARD = 4;
    public static final byte ZEROES = 5;
    public static final byte LENGTH = 6;

    /** The system property with a list for what a bug leaves behind, for the test to clear away. */
    public static final String KEPT = "io.diskport.testkit.bad.kept";

    private Wire() {}

    /** Leaves something behind. */
    static void keep(Object left) {
        kept().add(left);
    }

    /** Whether this is not the first time; from then on it is not. */
    static boolean isAgain() {
        kept().add(KEPT);
        return kept().size() > 1;
    }

    @SuppressWarnings("unchecked")
    private static java.util.List<Object> kept() {
        return (java.util.List<Object>) System.getProperties().get(KEPT);
    }

    /** Leaves a thread behind. */
    static void keepAThread() {
        Thread thread = new Thread(Wire::hang, "left-behind");
        thread.setDaemon(true);
        thread.start();
    }

    private static void hang() {
        try {
            new java.util.concurrent.CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
