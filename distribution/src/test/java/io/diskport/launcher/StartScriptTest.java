package io.diskport.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** bin/diskport where the Java is not as it should be, with a Java of our own making. */
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class StartScriptTest {
    private static final Path SCRIPT = Path.of("src/main/dist/bin/diskport").toAbsolutePath();

    @TempDir private Path javaHome;

    @Test
    void anOldJavaIsNamed() throws Exception {
        java("JAVA_VERSION=\"11.0.2\"\n", "");
        assertEquals(
                "1 diskport: Java 17 or newer is needed, and %s/bin/java is Java 11.0.2: set JAVA_HOME\n"
                        .formatted(javaHome),
                run());
    }

    @Test
    void aJavaWithoutAReleaseFileIsAsked() throws Exception {
        java(null, "echo 'openjdk version \"1.8.0_402\"' >&2\n");
        assertEquals(
                "1 diskport: Java 17 or newer is needed, and %s/bin/java is Java 1.8.0_402: set JAVA_HOME\n"
                        .formatted(javaHome),
                run());
    }

    @Test
    void aJavaHomeWithoutJavaIsNamed() throws Exception {
        assertEquals(
                "1 diskport: JAVA_HOME is %s, and there is no bin/java in it\n".formatted(javaHome),
                run());
    }

    @Test
    void wordsReachJavaAsTheyWereGiven() throws Exception {
        java("JAVA_VERSION=\"17.0.1\"\n", "for last; do :; done; echo \"last: $last\"\n");
        assertEquals("0 last: --conf=/a b\n", run("--conf=/a b"));
    }

    @Test
    void ctlIsAProgramOfItsOwn() throws Exception {
        java("JAVA_VERSION=\"17.0.1\"\n", "echo \"$*\" | grep -o 'launcher[.]Ctl .*'\n");
        String said = run("ctl", "--var", "/v", "exports");
        assertTrue(said.startsWith("0 launcher.Ctl /"), said);
        assertTrue(said.endsWith(" ctl --var /v exports\n"), said);
    }

    @Test
    void daemonizeWaitsForTheWordThatEverythingIsThere() throws Exception {
        java("JAVA_VERSION=\"17.0.1\"\n", "echo starting >&2; echo ready\n");
        assertEquals("0 starting\n", run("--daemonize"));
        java("JAVA_VERSION=\"17.0.1\"\n", "echo 'diskport: no' >&2; exit 1\n");
        assertEquals("1 diskport: no\n", run("--pidfile", "x", "--daemonize"));
    }

    @Test
    void theValueOfAnOptionIsNoOption() throws Exception {
        java("JAVA_VERSION=\"17.0.1\"\n", "echo runs\n");
        assertEquals("0 runs\n", run("--pidfile", "--daemonize"));
        assertEquals("0 runs\n", run("--blockdev=--daemonize"));
        assertEquals("0 runs\n", run("--help", "--daemonize"));
    }

    private void java(String release, String program) throws Exception {
        if (release != null) {
            Files.writeString(javaHome.resolve("release"), release);
        }
        Path java = Files.createDirectories(javaHome.resolve("bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\n" + program);
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** The status, and all that was said. */
    private String run(String... words) throws Exception {
        String[] command = new String[words.length + 2];
        command[0] = "sh";
        command[1] = SCRIPT.toString();
        System.arraycopy(words, 0, command, 2, words.length);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("JAVA_HOME", javaHome.toString());
        builder.environment().put("DISKPORT_VAR", javaHome.resolve("var").toString());
        builder.environment().remove("DISKPORT_JAVA_OPTS");
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor() + " " + said;
    }
}
