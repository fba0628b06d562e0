package io.diskport.cline;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StepTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "a|a",
                "a,b=c|a;b=c",
                "a,,b,c|a,,b;c",
                "a,,,b|a,,;b",
                "a,|a",
                ",a|;a",
                "a,,|a,,",
                "path=x,,|path=x,,",
            })
    void elementsEndAtSingleCommas(String text, String elements) {
        assertEquals(elements, String.join(";", Step.elements(text)));
    }

    @Test
    void nothingHasNoElements() {
        assertEquals(List.of(), Step.elements(""));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "help|''",
                "?|''",
                "help,driver=file|driver=file",
                "secret,help|secret",
                "fuse,id=x,help|fuse,id=x",
            })
    void helpIsAskedForByAnElementOfItsOwn(String text, String about) {
        assertEquals(Optional.of(about), new Step("--blockdev", text).helpOn());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"file", "path=help", "a,,help", "helpful", "{\"driver\": \"help\"}", "''"})
    void helpIsNotAskedForInAValue(String text) {
        assertEquals(Optional.empty(), new Step("--blockdev", text).helpOn());
    }

    @Test
    void secretsAreNotShown() {
        assertEquals(
                "--object secret,id=a,data=...,format=raw",
                new Step("--object", "secret,id=a,data=hun,,ter,format=raw").shown());
        assertEquals("--object data=...", new Step("--object", "data=x").shown());
        assertEquals("--object {...}", new Step("--object", " {\"data\": \"x\"}").shown());
        assertEquals("--blockdev x,data=1", new Step("--blockdev", "x,data=1").shown());
    }

    @Test
    void stepsAreOptionsWithTheirValues() {
        assertEquals(
                List.of(new Step("--a", "1"), new Step("--b", "")),
                Step.of(List.of("--a", "1", "--b", "")));
    }
}
