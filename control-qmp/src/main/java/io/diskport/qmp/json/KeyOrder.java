package io.diskport.qmp.json;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * The order of the keys in what a monitor writes.
 *
 * <p>JSON gives them none, but scripts that compare text rely on QEMU's, which comes of a table of
 * 512 buckets and the hash of Samba's trivial database (tdb). Of two keys in one bucket the later
 * one goes first.
 */
final class KeyOrder {
    private static final int BUCKETS = 512;

    private KeyOrder() {}

    /** The members of an object in their order. */
    static List<Map.Entry<?, ?>> of(Map<?, ?> object) {
        List<Map.Entry<?, ?>> members = new ArrayList<>(object.entrySet());
        Collections.reverse(members);
        members.sort(Comparator.comparingInt(member -> bucket((String) member.getKey())));
        return members;
    }

    private static int bucket(String key) {
        byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
        int value = 0x238F13AF * bytes.length;
        for (int i = 0; i < bytes.length; i++) {
            value += (bytes[i] & 0xFF) << i * 5 % 24;
        }
        return (1103515243 * value + 12345) & BUCKETS - 1;
    }
}
