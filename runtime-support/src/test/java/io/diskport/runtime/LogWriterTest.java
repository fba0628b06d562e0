package io.diskport.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;
import org.osgi.service.log.LogEntry;
import org.osgi.service.log.LogLevel;

class LogWriterTest {
    private final List<String> lines = new ArrayList<>();

    @Test
    void aLineHasTimeLevelBundleAndMessage() {
        writer(LogLevel.INFO).logged(entry(1, LogLevel.INFO, "export 'a' runs", null));
        assertTrue(
                lines.get(0)
                        .matches(
                                "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3} INFO  \\[driver-fuse\\] export 'a' runs"),
                lines.get(0));
    }

    @Test
    void anExceptionIsPartOfTheLineWithTheOneThatBeganIt() {
        Exception cause = new IllegalStateException("no\nmount", new IOException("gone"));
        writer(LogLevel.INFO).logged(entry(1, LogLevel.ERROR, "export 'a' failed", cause));
        assertTrue(
                lines.get(0)
                        .endsWith(
                                "export 'a' failed: java.lang.IllegalStateException: no mount (java.io.IOException: gone)"),
                lines.get(0));
    }

    @Test
    void theStackIsShownWhereDebugIsWanted() {
        Exception cause = new IllegalStateException("no mount");
        writer(LogLevel.DEBUG).logged(entry(1, LogLevel.ERROR, "export 'a' failed", cause));
        assertTrue(lines.get(0).contains("\tat " + LogWriterTest.class.getName()), lines.get(0));
    }

    @Test
    void whatTheHistoryAndTheListenerBothTellIsWrittenOnceAndInOrder() {
        LogWriter writer = writer(LogLevel.INFO);
        LogEntry one = entry(1, LogLevel.INFO, "one", null);
        LogEntry two = entry(2, LogLevel.INFO, "two", null);
        writer.catchUp(Collections.enumeration(List.of(two, one)));
        writer.logged(two);
        writer.logged(entry(3, LogLevel.INFO, "three", null));
        assertEquals(
                List.of("one", "two", "three"),
                lines.stream().map(line -> line.replaceFirst(".*\\] ", "")).toList());
    }

    @Test
    void whatIsBelowTheLevelIsLeftOut() {
        LogWriter writer = writer(LogLevel.WARN);
        writer.logged(entry(1, LogLevel.INFO, "one", null));
        writer.logged(entry(2, LogLevel.WARN, "two", null));
        assertEquals(1, lines.size());
    }

    @Test
    void whatADeployedBundleMissesIsLeftToCore() {
        Exception missing = new Exception("Unable to resolve x: missing requirement [x] package y");
        Exception other = new Exception("Unable to resolve x: Uses constraint violation");
        LogWriter writer = writer(LogLevel.INFO);
        String fileInstall = "org.apache.felix.fileinstall";
        writer.logged(entry(1, LogLevel.WARN, "Error while starting", missing, fileInstall));
        assertEquals(List.of(), lines);
        writer.logged(entry(2, LogLevel.WARN, "Error while starting", other, fileInstall));
        writer.logged(entry(3, LogLevel.WARN, "not for core", missing));
        assertEquals(2, lines.size());
    }

    private LogWriter writer(LogLevel lowest) {
        return new LogWriter(List.of((level, line) -> lines.add(line)), lowest);
    }

    private static LogEntry entry(long sequence, LogLevel level, String message, Exception cause) {
        return entry(sequence, level, message, cause, "io.diskport.driver-fuse");
    }

    private static LogEntry entry(
            long sequence, LogLevel level, String message, Exception cause, String symbolicName) {
        Bundle bundle =
                fake(Bundle.class, name -> name.equals("getSymbolicName") ? symbolicName : null);
        return fake(
                LogEntry.class,
                name ->
                        switch (name) {
                            case "getSequence" -> sequence;
                            case "getTime" -> 0L;
                            case "getLogLevel" -> level;
                            case "getMessage" -> message;
                            case "getException" -> cause;
                            case "getBundle" -> bundle;
                            default -> null;
                        });
    }

    private static <T> T fake(Class<T> type, java.util.function.Function<String, Object> answers) {
        return type.cast(
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (self, method, arguments) -> answers.apply(method.getName())));
    }
}
