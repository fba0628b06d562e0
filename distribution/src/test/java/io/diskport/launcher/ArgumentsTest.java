package io.diskport.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.launcher.Arguments.Action;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArgumentsTest {
    private static final Path HOME = Path.of("/opt/diskport");

    @Test
    void withoutAnyTheFoldersAreThoseOfTheDistribution() throws Exception {
        assertEquals(
                new Arguments(
                        Action.RUN,
                        Optional.of(HOME.resolve("conf")),
                        HOME.resolve("deploy"),
                        Optional.of(HOME.resolve("var")),
                        false,
                        false,
                        Optional.empty(),
                        List.of()),
                parse());
        assertFalse(parse().isCommanded());
    }

    @Test
    void foldersCanBeNamedInTwoWays() throws Exception {
        Arguments arguments = parse("--conf", "/a", "--deploy=/b/../c", "--var", "/d", "--shell");
        assertEquals(Optional.of(Path.of("/a")), arguments.conf());
        assertEquals(Path.of("/c"), arguments.deploy());
        assertEquals(Optional.of(Path.of("/d")), arguments.var());
        assertTrue(arguments.shell());
    }

    @Test
    void theEnvironmentNamesVarUnlessTheCommandLineDoes() throws Exception {
        assertEquals(Path.of("/e"), Arguments.parse(List.of(), HOME, "/e").var().orElseThrow());
        assertEquals(
                Path.of("/d"),
                Arguments.parse(List.of("--var=/d"), HOME, "/e").var().orElseThrow());
        assertEquals(HOME.resolve("var"), Arguments.parse(List.of(), HOME, "").var().orElseThrow());
    }

    @ParameterizedTest
    @ValueSource(strings = {"--blockdev=x", "--daemonize", "--pidfile=/p", "-Tx", "--monitor=a"})
    void whatTheCommandLineAsksForIsAllThereIs(String word) throws Exception {
        Arguments arguments = parse(word);
        assertTrue(arguments.isCommanded());
        assertEquals(Optional.empty(), arguments.conf());
        assertEquals(Optional.empty(), arguments.var());
        assertEquals(HOME.resolve("deploy"), arguments.deploy());

        Arguments named = parse(word, "--conf", "/a", "--var", "/d");
        assertEquals(Optional.of(Path.of("/a")), named.conf());
        assertEquals(Optional.of(Path.of("/d")), named.var());
    }

    @Test
    void stepsKeepTheirOrder() throws Exception {
        assertEquals(
                List.of(
                        "--object", "secret,id=s,data=a=b",
                        "--blockdev", "--export",
                        "--trace", "x",
                        "--trace", "y",
                        "--export", ""),
                parse(
                                "--object=secret,id=s,data=a=b",
                                "--blockdev",
                                "--export",
                                "-Tx",
                                "-T",
                                "y",
                                "--pidfile",
                                "p",
                                "--export=")
                        .steps());
    }

    @Test
    void theFirstOfHelpAndVersionCounts() throws Exception {
        assertEquals(Action.VERSION, parse("--version", "--help").action());
        assertEquals(Action.HELP, parse("--help", "--version").action());
        assertEquals(Action.HELP, parse("-h", "--bogus").action());
        assertEquals(Action.VERSION, parse("--blockdev", "x", "-V").action());
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            delimiter = '|',
            value = {
                "--frob|unrecognized option '--frob'; see diskport --help",
                "--frob=1|unrecognized option '--frob'; see diskport --help",
                "-x|unrecognized option '-x'; see diskport --help",
                "start|start: Unexpected argument; see diskport --help",
                "--|--: Unexpected argument; see diskport --help",
                "-|-: Unexpected argument; see diskport --help",
                "--conf|option '--conf' requires an argument",
                "--blockdev|option '--blockdev' requires an argument",
                "-T|option '--trace' requires an argument",
                "--conf=|--conf needs a path, and was given an empty one",
                "--pidfile=|--pidfile needs a path, and was given an empty one",
                "--daemonize=on|option '--daemonize' doesn't allow an argument",
                "--shell=on|option '--shell' doesn't allow an argument"
            })
    void mistakesAreNamed(String word, String message) {
        assertEquals(message, assertThrows(StartException.class, () -> parse(word)).getMessage());
    }

    @Test
    void aDaemonHasNoShellOfItsOwn() {
        assertTrue(
                assertThrows(StartException.class, () -> parse("--shell", "--daemonize"))
                        .getMessage()
                        .contains("diskport shell"));
    }

    @Test
    void helpNamesEveryOption() {
        for (String option :
                List.of(
                        "--blockdev",
                        "--chardev",
                        "--conf",
                        "--daemonize",
                        "--deploy",
                        "--export",
                        "--help",
                        "--monitor",
                        "--nbd-server",
                        "--object",
                        "--pidfile",
                        "--shell",
                        "--trace",
                        "--var",
                        "--version")) {
            assertTrue(Usage.TEXT.contains(option), option);
        }
        assertFalse(Usage.TEXT.contains("\t"));
    }

    private static Arguments parse(String... words) throws StartException {
        return Arguments.parse(List.of(words), HOME, null);
    }
}
