package io.diskport.qmp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.manage.Kind;
import io.diskport.qmp.json.JsonText;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SchemaTest {
    private final Bench bench = new Bench();
    private final Map<String, Map<String, Object>> entities = new HashMap<>();

    @BeforeEach
    void describe() {
        entities.clear();
        for (Object entity :
                Schema.of(
                        bench.engine.commands().all(), Events.ALL, new Vocabulary(bench.drivers))) {
            Map<String, Object> described = Request.asObject(entity);
            assertEquals(null, entities.put((String) described.get("name"), described));
        }
    }

    @AfterEach
    void close() throws Exception {
        bench.close();
    }

    private String text(Object name) {
        return JsonText.of(entities.get(name));
    }

    private Object of(Object name, String key) {
        return entities.get(name).get(key);
    }

    private Object memberType(Object struct, String member) {
        return ((List<?>) of(struct, "members"))
                .stream()
                        .map(Request::asObject)
                        .filter(m -> m.get("name").equals(member))
                        .findFirst()
                        .orElseThrow()
                        .get("type");
    }

    private Object variant(Object struct, String which) {
        return ((List<?>) of(struct, "variants"))
                .stream()
                        .map(Request::asObject)
                        .filter(v -> v.get("case").equals(which))
                        .findFirst()
                        .orElseThrow()
                        .get("type");
    }

    @Test
    void everyTypeThatIsUsedIsDescribed() {
        for (Map<String, Object> entity : entities.values()) {
            check(entity);
        }
    }

    private void check(Object value) {
        if (value instanceof Map<?, ?> map) {
            map.forEach(
                    (key, inner) -> {
                        if (List.of("type", "arg-type", "ret-type", "element-type").contains(key)) {
                            assertTrue(entities.containsKey(inner), () -> key + " " + inner);
                        }
                        check(inner);
                    });
        } else if (value instanceof List<?> list) {
            list.forEach(this::check);
        }
    }

    @Test
    void commandsAndEventsHaveTheirTypes() {
        assertEquals(
                "{\"name\": \"quit\", \"ret-type\": \"0\", \"meta-type\": \"command\","
                        + " \"arg-type\": \"0\"}",
                text("quit"));
        assertEquals("{\"name\": \"0\", \"members\": [], \"meta-type\": \"object\"}", text("0"));
        Object data = of("BLOCK_EXPORT_DELETED", "arg-type");
        assertEquals(
                "{\"name\": \""
                        + data
                        + "\", \"members\": [{\"name\": \"id\", \"type\": \"str\"}],"
                        + " \"meta-type\": \"object\"}",
                text(data));
        assertEquals(
                "{\"name\": \"str\", \"json-type\": \"string\", \"meta-type\": \"builtin\"}",
                text("str"));
    }

    @Test
    void optionsOfDriversAreAUnion() {
        Object options = of("blockdev-add", "arg-type");
        assertEquals("driver", of(options, "tag"));
        assertEquals(
                "[file, raw, null-co]", of(memberType(options, "driver"), "values").toString());
        assertTrue(
                text(options)
                        .contains(
                                "{\"name\": \"node-name\", \"default\": null, \"type\": \"str\"}"));
        assertEquals("int", memberType(variant(options, "null-co"), "size"));
        Object child = memberType(variant(options, "raw"), "file");
        assertEquals(
                "{\"name\": \""
                        + child
                        + "\", \"members\": [{\"type\": \""
                        + options
                        + "\"}, {\"type\": \"str\"}], \"meta-type\": \"alternate\"}",
                text(child));
        assertEquals("str", memberType(of("block-export-add", "arg-type"), "node-name"));
        assertEquals(
                '[' + options.toString() + ']',
                memberType(of("blockdev-reopen", "arg-type"), "options"));
    }

    @Test
    void aTypeIsThereTheMomentItsDriverIs() {
        bench.drivers.add(Kind.EXPORT, "ublk", FakeDrivers.text("queue-depth", true));
        describe();

        Object options = of("block-export-add", "arg-type");
        assertTrue(text(memberType(options, "type")).contains("\"ublk\""));
        assertEquals("str", memberType(variant(options, "ublk"), "queue-depth"));
    }
}
