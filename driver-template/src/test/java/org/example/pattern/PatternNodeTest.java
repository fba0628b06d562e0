package org.example.pattern;

import io.diskport.testkit.NodeDriverTests;
import java.nio.ByteBuffer;
import java.util.Map;

/** All that every node driver has to do. */
class PatternNodeTest extends NodeDriverTests {
    @Override
    protected String type() {
        return "pattern";
    }

    @Override
    protected Map<String, Object> options(String name) {
        return Map.of("size", "2M");
    }

    @Override
    protected boolean writes() {
        return false;
    }

    @Override
    protected byte[] content(long offset, int length) {
        ByteBuffer whole = ByteBuffer.allocate((int) (offset + length + 7) / 8 * 8);
        for (int i = 0; i < whole.capacity(); i += 8) {
            for (int byteOfIt = 0; byteOfIt < 8; byteOfIt++) {
                whole.put((byte) ((long) (i + byteOfIt) >> 8 * (7 - byteOfIt)));
            }
        }
        byte[] part = new byte[length];
        whole.position((int) offset).get(part);
        return part;
    }
}
