package io.diskport.core.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.fail;

import io.diskport.api.BlockException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Random texts; the seed stands in every failure, and -Ddiskport.seed repeats it. */
class OptionTextRandomTest {
    private static final List<String> PIECES =
            List.of(
                    "a", "b", ".", ".", "0", "1", "=", "=", ",", ",", "{", "}", "[", "]", "\"",
                    "\"", ":", "\\", "u", "e", "-", " ", "\n", "\u0000", "\ud800", "true", "null",
                    "1e9", "{\"a\":", "\u0661");

    private final long seed = Long.getLong("diskport.seed", System.nanoTime());
    private final Random random = new Random(seed);

    @Test
    void anyTextIsParsedOrRefusedInOneLine() {
        for (int round = 0; round < 100_000; round++) {
            String text = text(random.nextInt(4) == 0 ? "{\"" : "");
            try {
                OptionText.flatten(OptionText.parse(text, "a"));
            } catch (BlockException e) {
                assertFalse(
                        e.getMessage().matches("(?s).*\\p{Cntrl}.*"),
                        () -> "seed " + seed + ", text " + text + ": " + e.getMessage());
            } catch (RuntimeException | StackOverflowError e) {
                fail("seed " + seed + ", text " + text, e);
            }
        }
    }

    @Test
    void whatIsFlattenedAndTypedComesBack() throws BlockException {
        for (int round = 0; round < 5_000; round++) {
            Map<String, Object> options = group(3);
            String text =
                    OptionText.flatten(options).entrySet().stream()
                            .map(o -> o.getKey() + "=" + o.getValue().replace(",", ",,"))
                            .collect(Collectors.joining(","));
            assertEquals(options, OptionText.parse(text, ""), () -> "seed " + seed + ": " + text);
        }
    }

    private String text(String begin) {
        StringBuilder text = new StringBuilder(begin);
        for (int length = random.nextInt(20); length > 0; length--) {
            text.append(PIECES.get(random.nextInt(PIECES.size())));
        }
        return text.toString();
    }

    private Map<String, Object> group(int depth) {
        Map<String, Object> group = new TreeMap<>();
        for (int size = 1 + random.nextInt(3); size > 0; size--) {
            group.put("k" + random.nextInt(5), value(depth));
        }
        return group;
    }

    private Object value(int depth) {
        int kind = depth == 0 ? 0 : random.nextInt(4);
        return switch (kind) {
            case 1 -> group(depth - 1);
            case 2 -> List.of(value(depth - 1), value(depth - 1));
            default -> List.of("", ",", ",,", "a=b", "x", "{}").get(random.nextInt(6));
        };
    }
}
