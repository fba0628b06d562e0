package io.diskport.core.life;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.diskport.api.manage.Kind;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InheritedOptionsTest {
    private static final Map<String, Object> OUTER =
            Map.of(
                    "driver", "raw",
                    "node-name", "outer",
                    "offset", "512",
                    "read-only", true,
                    "auto-read-only", "on",
                    "force-share", true,
                    "discard", "unmap",
                    "detect-zeroes", "unmap",
                    "cache", Map.of("direct", true, "no-flush", true));

    @Test
    void whatIsNotSaidIsThatOfTheNodeAround() {
        assertEquals(
                Map.of(
                        "driver",
                        "file",
                        "read-only",
                        true,
                        "auto-read-only",
                        "on",
                        "force-share",
                        true,
                        "discard",
                        "unmap",
                        "cache",
                        Map.of("direct", true, "no-flush", true)),
                InheritedOptions.of(Kind.NODE, OUTER, Map.of("driver", "file")));
    }

    @Test
    void whatIsSaidStays() {
        Map<String, Object> own =
                Map.of(
                        "read-only",
                        false,
                        "auto-read-only",
                        "off",
                        "force-share",
                        false,
                        "discard",
                        "ignore",
                        "cache",
                        Map.of("direct", false));
        Map<String, Object> all = InheritedOptions.of(Kind.NODE, OUTER, own);
        assertEquals(Map.of("direct", false, "no-flush", true), all.remove("cache"));
        own.forEach((name, value) -> assertEquals(value, all.getOrDefault(name, value), name));
        assertEquals(own.size() - 1, all.size());
    }

    @Test
    void anExportHasNothingToGive() {
        assertEquals(Map.of(), InheritedOptions.of(Kind.EXPORT, OUTER, Map.of()));
    }

    @Test
    void aWrongCacheIsLeftToBeRefused() {
        Map<String, Object> wrong = Map.of("cache", "x");
        assertEquals("x", InheritedOptions.of(Kind.NODE, OUTER, wrong).get("cache"));
        assertEquals(
                Map.of("driver", "file"),
                InheritedOptions.of(Kind.NODE, wrong, Map.of("driver", "file")));
    }
}
