package io.diskport.qmp.json;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonTextTest {
    private static Map<String, Object> object(String... keys) {
        Map<String, Object> object = new LinkedHashMap<>();
        Stream.of(keys).forEach(key -> object.put(key, 1));
        return object;
    }

    @Test
    void keysHaveTheOrderTheyHaveInQemu() {
        assertEquals(
                "{\"return\": 1, \"id\": 1, \"error\": 1}",
                JsonText.of(object("id", "error", "return")));
        assertEquals(
                "{\"node-name\": 1, \"shutting-down\": 1, \"type\": 1, \"id\": 1}",
                JsonText.of(object("id", "type", "node-name", "shutting-down")));
        assertEquals(
                "{\"timestamp\": 1, \"event\": 1, \"data\": 1}",
                JsonText.of(object("data", "event", "timestamp")));
        assertEquals(
                "{\"name\": 1, \"members\": 1, \"meta-type\": 1, \"values\": 1}",
                JsonText.of(object("values", "meta-type", "members", "name")));
    }

    @Test
    void prettyIsOnManyLines() {
        assertEquals(
                "{\n    \"id\": [\n        1,\n        {\n        },\n        [\n        ]\n    ]\n}",
                JsonText.of(Map.of("id", List.of(1, Map.of(), List.of())), true));
    }

    @Test
    void everythingIsAscii() {
        assertEquals(
                "\"\\u00E9\\u4E2D\\u007F\\u0001/\\\"\\\\\"", JsonText.of("é中\u007f\u0001/\"\\"));
    }

    @ParameterizedTest
    @CsvSource({
        "0.0, 0",
        "-0.0, -0",
        "1.0, 1",
        "-2.5, -2.5",
        "0.1, 0.10000000000000001",
        "1e16, 10000000000000000",
        "1e17, 1e+17",
        "1.5e300, 1.5000000000000001e+300",
        "0.0001, 0.0001",
        "0.00001, 1.0000000000000001e-05",
        "-1e-7, -9.9999999999999995e-08",
    })
    void realsAreWrittenAsCWritesThem(double real, String text) {
        assertEquals(text, JsonText.of(real));
    }
}
