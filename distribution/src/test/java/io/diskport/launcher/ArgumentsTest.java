package io.diskport.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.launcher.Arguments.Action;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArgumentsTest {
    private static final Path HOME = Path.of("/opt/diskport");

    @Test
    void withoutAnyTheFoldersAreThoseOfTheDistribution() throws Exception {
        assertEquals(
                new Arguments(
                        Action.RUN,
                        HOME.resolve("conf"),
                        HOME.resolve("deploy"),
                        HOME.resolve("var"),
                        false),
                parse());
    }

    @Test
    void foldersCanBeNamedInTwoWays() throws Exception {
        Arguments arguments = parse("--conf", "/a", "--deploy=/b/../c", "--var", "/d", "--shell");
        assertEquals(
                new Arguments(Action.RUN, Path.of("/a"), Path.of("/c"), Path.of("/d"), true),
                arguments);
    }

    @Test
    void theEnvironmentNamesVarUnlessTheCommandLineDoes() throws Exception {
        assertEquals(Path.of("/e"), Arguments.parse(List.of(), HOME, "/e").var());
        assertEquals(Path.of("/d"), Arguments.parse(List.of("--var=/d"), HOME, "/e").var());
        assertEquals(HOME.resolve("var"), Arguments.parse(List.of(), HOME, "").var());
    }

    @Test
    void helpGoesBeforeVersion() throws Exception {
        assertEquals(Action.HELP, parse("--version", "--help").action());
        assertEquals(Action.HELP, parse("--help", "--version").action());
        assertEquals(Action.VERSION, parse("--version").action());
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "--frob, unknown argument '--frob': see diskport --help",
                "start, unknown argument 'start': see diskport --help",
                "--conf, --conf needs a folder behind it",
                "--conf=, \"--conf needs a folder, and was given an empty name\"",
                "--shell=on, \"--shell takes no value, and was given '--shell=on'\""
            })
    void mistakesAreNamed(String word, String message) {
        assertEquals(message, assertThrows(StartException.class, () -> parse(word)).getMessage());
    }

    @Test
    void helpNamesEveryOption() {
        for (String option : List.of("--shell", "--conf", "--deploy", "--var", "--version")) {
            assertTrue(Arguments.HELP.contains(option), option);
        }
        assertFalse(Arguments.HELP.contains("\t"));
    }

    private static Arguments parse(String... words) throws StartException {
        return Arguments.parse(List.of(words), HOME, null);
    }
}
