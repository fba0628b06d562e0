package io.diskport.cline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.diskport.api.BlockException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MonitorOptionTest {
    @Test
    void theCharDeviceNamesTheMonitor() throws Exception {
        assertEquals(
                new MonitorOption("monitor-a", "a", false),
                MonitorOption.of(Map.of("chardev", "a")));
        assertEquals(
                new MonitorOption("m", "a", true),
                MonitorOption.of(
                        Map.of("chardev", "a", "id", "m", "mode", "control", "pretty", "on")));
        assertEquals(
                new MonitorOption("m", "a", true),
                MonitorOption.of(Map.of("chardev", "a", "id", "m", "pretty", true)));
    }

    @Test
    void itBecomesAnObject() throws Exception {
        assertEquals(
                Map.of(
                        "qom-type",
                        "qmp-monitor",
                        "id",
                        "monitor-a",
                        "addr",
                        Map.of("type", "stdio"),
                        "server",
                        true,
                        "pretty",
                        false),
                MonitorOption.of(Map.of("chardev", "a")).object(CharDevice.parse("stdio,id=a")));
    }

    @Test
    void mistakesAreNamed() {
        assertMistake("Parameter 'chardev' is missing", Map.of("pretty", "on"));
        assertMistake("Parameter 'foo' is unexpected", Map.of("chardev", "a", "foo", "1"));
        assertMistake(
                "Only QMP is supported: leave mode=readline out",
                Map.of("chardev", "a", "mode", "readline"));
        assertMistake(
                "Parameter 'mode' does not accept value 'x'", Map.of("chardev", "a", "mode", "x"));
        assertMistake(
                "Parameter 'pretty' expects 'on' or 'off'",
                Map.of("chardev", "a", "pretty", "yes"));
        assertMistake(
                "Invalid parameter type for 'chardev', expected: string", Map.of("chardev", 1L));
    }

    private static void assertMistake(String message, Map<String, Object> options) {
        assertEquals(
                message,
                assertThrows(BlockException.class, () -> MonitorOption.of(options)).getMessage());
    }
}
