package io.diskport.core.objects;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|''|true",
                "''|a|false",
                "*|''|true",
                "*|any/thing|true",
                "a*|a|true",
                "a*|b|false",
                "*a|bca|true",
                "*ab*ab|abxab|true",
                "*ab*ab|abab|true",
                "*ab*ab|xab|false",
                "a*b*c|axbxbxc|true",
                "a*b*c|axbxb|false",
                "a?c|abc|true",
                "a?c|ac|false",
                "a.c|abc|false",
                "CN=[a-c]x|CN=bx|true",
                "CN=[a-c]x|CN=dx|false",
                "CN=[!a-c]x|CN=dx|true",
                "CN=[!a-c]x|CN=bx|false",
                "[^a]|b|true",
                "[]x]|]|true",
                "[!]x]|]|false",
                "[a-]|-|true",
                "[a|[a|true",
                "[|[|true",
                "\\*|*|true",
                "\\*|x|false",
                "O=Example\\\\, Org|'O=Example\\, Org'|true",
                "\\|\\|true"
            })
    void patternIsThatOfAShell(String pattern, String text, boolean matches) {
        assertEquals(matches, new Glob(pattern).matches(text));
    }

    @Test
    void hostileTextTakesNoTime() {
        Glob glob = new Glob("a*".repeat(50) + "b");
        String text = "a".repeat(10_000);
        assertTimeout(Duration.ofSeconds(5), () -> assertFalse(glob.matches(text)));
    }
}
