package io.diskport.core.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.BlockException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OptionTextTest {
    @Test
    void dottedNamesNest() throws BlockException {
        assertEquals(
                Map.of("driver", "file", "cache", Map.of("direct", "on", "no-flush", "off")),
                OptionText.parse("driver=file,cache.direct=on,cache.no-flush=off", ""));
    }

    @Test
    void keepsTheOrderThatWasTyped() throws BlockException {
        assertEquals(
                List.of("z", "a", "m"),
                List.copyOf(OptionText.parse("z=1,a.x=2,m=3", "").keySet()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a=x,,y|x,y",
                "a=,,|','",
                "a=x,,|'x,'",
                "a=x,,,,y|x,,y",
                "a=|''",
                "a=x,|x",
                "a=b=c|b=c"
            })
    void commaInAValueIsDoubled(String text, String value) throws BlockException {
        assertEquals(Map.of("a", value), OptionText.parse(text, ""));
    }

    @Test
    void firstElementMayLeaveItsImpliedKeyOut() throws BlockException {
        assertEquals(
                Map.of("driver", "file", "filename", "x,y"),
                OptionText.parse("file,filename=x,,y", "driver"));
        assertEquals(Map.of("driver", "a,b"), OptionText.parse("a,,b", "driver"));
        assertEquals(Map.of("id", "x"), OptionText.parse("id=x", "driver"));
        assertEquals(Map.of(), OptionText.parse("", "driver"));
    }

    @Test
    void impliedKeyBelongsToTheFirstTextOnly() throws BlockException {
        assertEquals(
                Map.of("type", "fuse", "id", "e"),
                OptionText.parse(List.of("fuse", "id=e"), "type"));
        assertEquals(
                "Expected '=' after parameter 'other': write NAME=VALUE, and a comma inside a value twice",
                refusal(() -> OptionText.parse(List.of("fuse", "other"), "type")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "a=1,b|Expected '=' after parameter 'b': write NAME=VALUE, and a comma inside a value twice",
                ",a=1|Expected '=' after parameter '': write NAME=VALUE, and a comma inside a value twice",
                "a=1,a=2|Option 'a' is given twice",
                "a.b=1,a.b=2|Option 'a.b' is given twice",
                "a=1,a.b=2|Parameters 'a.*' used inconsistently: 'a' is given a value, and 'a.b'"
                        + " makes it a group",
                "a.b.c=1,a.b=2|Parameters 'a.b.*' used inconsistently: 'a.b' is given a value, and"
                        + " 'a.b.c' makes it a group",
                "l.0=a,l.2=b|Option 'l.1' of a list is missing",
                "l.0=a,l.x=b|Option 'l' is given as a list and with names: it is one or the other",
                "=1|'' is no name of an option: names are letters, digits, '-' and '_', with dots"
                        + " between them",
                "a..b=1|'a..b' is no name of an option: names are letters, digits, '-' and '_',"
                        + " with dots between them",
                "a b=1|'a b' is no name of an option: names are letters, digits, '-' and '_', with"
                        + " dots between them",
            })
    void refusalNamesTheOption(String text, String message) {
        assertEquals(message, refusal(() -> OptionText.parse(text, "")));
    }

    @Test
    void indexesMakeAList() throws BlockException {
        assertEquals(Map.of("l", List.of("a", "b")), OptionText.parse("l.1=b,l.0=a", ""));
        assertEquals(
                Map.of("l", List.of(Map.of("x", "1"), Map.of("x", "2"))),
                OptionText.parse("l.0.x=1,l.1.x=2", ""));
    }

    @Test
    void jsonKeepsTypes() throws BlockException {
        assertEquals(
                Map.of(
                        "s",
                        "a\"\u00e9\n",
                        "i",
                        -12L,
                        "d",
                        1.5,
                        "b",
                        true,
                        "l",
                        List.of(1L, List.of(), "x"),
                        "m",
                        Map.of("x", false, "y", Map.of())),
                OptionText.parse(
                        " {\"s\":\"a\\\"\\u00e9\\n\", \"i\":-12,\"d\":1.5,\"b\":true,"
                                + "\"l\":[1,[],\"x\"],\"m\":{\"x\":false},\"m.y\":{}} ",
                        ""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "{\"a\"}",
                "{\"a\":1,}",
                "{\"a\":01}",
                "{\"a\":1 2}",
                "{\"a\":+1}",
                "{\"a\":.5}",
                "{\"a\":1.}",
                "{\"a\":1e}",
                "{'a':1}",
                "{\"a\":\"\t\"}",
                "{\"a\":\"\\x\"}",
                "{\"a\":\"\\u12\"}",
                "{\"a\":tru}",
                "{\"a\":[1,]}",
                "{}x",
                "{\"a\":\"",
                "{a:1}",
                "{\"a\":-}",
                "{\"a\":NaN}",
                "{\"a\":"
            })
    void refusesWhatIsNoJson(String text) {
        assertTrue(refusal(() -> OptionText.parse(text, "")).startsWith("The JSON is wrong at"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"a\":1,\"a\":2}|The JSON is wrong at character 8: the key 'a' is there twice",
                "{\"a\":null}|The JSON is wrong at character 6: null is no value of an option;"
                        + " leave the option out",
                "{\"a\":9223372036854775808}|The JSON is wrong at character 6: the number"
                        + " 9223372036854775808 is too large",
                "{\"a\":1e999}|The JSON is wrong at character 6: the number 1e999 is too large",
                "{\"a\":1,\"a.b\":2}|Parameters 'a.*' used inconsistently: 'a' is given a"
                        + " value, and 'a.b' makes it a group",
            })
    void refusalOfJsonSaysWhere(String text, String message) {
        assertEquals(message, refusal(() -> OptionText.parse(text, "")));
    }

    @Test
    void depthIsBounded() throws BlockException {
        for (String open : List.of("{\"a\":", "[")) {
            String start = open.equals("[") ? "{\"a\":" : "";
            String deep = start + open.repeat(100_000) + "1";
            assertTrue(refusal(() -> OptionText.parse(deep, "")).contains("deeper than 64"));
        }
        String dots = "a.".repeat(63) + "a";
        assertEquals(1, OptionText.parse(dots + "=1", "").size());
        assertTrue(refusal(() -> OptionText.parse(dots + ".a=1", "")).contains("deeper than 64"));
        List<Object> cycle = new ArrayList<>();
        cycle.add(Map.of("a", cycle));
        assertTrue(
                refusal(() -> OptionText.normalize(Map.of("l", cycle))).contains("deeper than 64"));
    }

    @Test
    void normalizesWhatConfigurationsHold() throws BlockException {
        Map<String, Object> given = new LinkedHashMap<>();
        given.put("cache.direct", "on");
        given.put("cache", Map.of("no-flush", true));
        given.put("n", 5);
        given.put("f", 0.5f);
        given.put("l", new String[] {"a", "b"});
        given.put("i", new int[] {1});
        assertEquals(
                Map.of(
                        "cache", Map.of("direct", "on", "no-flush", true),
                        "n", 5L,
                        "f", 0.5,
                        "l", List.of("a", "b"),
                        "i", List.of(1L)),
                OptionText.normalize(given));
        assertEquals(
                OptionText.normalize(given), OptionText.normalize(OptionText.normalize(given)));
    }

    @Test
    void refusesValuesThatNoTextCanMean() {
        assertEquals(
                "Option 'a' is a java.lang.Object: it has to be text, a number, a boolean, a list"
                        + " or a map",
                refusal(() -> OptionText.normalize(Map.of("a", new Object()))));
    }

    @Test
    void whatTheFrameworkAddsIsNoOption() throws BlockException {
        assertEquals(
                Map.of("id", "a", "service", "s"),
                OptionText.ofConfiguration(
                        Map.of(
                                "id", "a",
                                "service", "s",
                                "service.pid", "p",
                                "service.factoryPid", "f",
                                "component.name", "c",
                                "felix.fileinstall.filename", "x",
                                "osgi.ds.satisfying.condition.target", "y",
                                ".hidden", 1)));
    }

    @Test
    void flattensToWhatWouldBeTyped() throws BlockException {
        String text = "driver=raw,file.driver=file,file.filename=/x,l.0=a,l.1=b,e=";
        Map<String, String> flat = OptionText.flatten(OptionText.parse(text, ""));
        assertEquals(
                "{driver=raw, file.driver=file, file.filename=/x, l.0=a, l.1=b, e=}",
                flat.toString());
        assertEquals(
                Map.of("b", "on", "n", "3", "l", ""),
                OptionText.flatten(Map.of("b", true, "n", 3L, "l", List.of())));
    }

    private static String refusal(org.junit.jupiter.api.function.Executable what) {
        BlockException e = assertThrows(BlockException.class, what);
        assertEquals(BlockException.Reason.INVALID, e.reason());
        return e.getMessage();
    }
}
