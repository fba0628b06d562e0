package io.diskport.cline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.manage.DriverEntry.State;
import io.diskport.api.manage.ExportManager;
import io.diskport.api.manage.Kind;
import io.diskport.api.manage.NodeManager;
import io.diskport.api.manage.ObjectManager;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CommandLineTest {
    private final Fakes fakes = new Fakes();
    private final CommandLine commandLine =
            new CommandLine(
                    fakes.manager(NodeManager.class),
                    fakes.manager(ExportManager.class),
                    fakes.manager(ObjectManager.class),
                    Fakes.options(),
                    fakes.driverManager());

    @Test
    void stepsAreDoneInTheOrderGiven() {
        assertEquals(
                Map.of(),
                commandLine.apply(
                        List.of(
                                "--object", "secret,id=s",
                                "--blockdev", "file,node-name=d",
                                "--nbd-server", "max-connections=1",
                                "--trace", "whatever",
                                "--export", "nbd,id=e")));
        assertEquals(
                List.of(
                        "Object {id=s, qom-type=secret}",
                        "Node {driver=file, node-name=d}",
                        "Object {id=nbd-server, max-connections=1, qom-type=nbd-server}",
                        "Export {id=e, type=nbd}"),
                fakes.added);
    }

    @Test
    void aMonitorIsAnObjectOnItsCharDevice() {
        assertEquals(
                Map.of(),
                commandLine.apply(List.of("--chardev", "stdio,id=a", "--monitor", "a,pretty=on")));
        assertEquals(
                List.of(
                        "Object {addr={type=stdio}, id=monitor-a, pretty=true,"
                                + " qom-type=qmp-monitor, server=true}"),
                fakes.added);
    }

    @Test
    void mistakesInTheSyntaxAreFoundBeforeAnythingIsMade() {
        assertRefused(
                "--nbd-server foo: 'foo' is no option",
                "--blockdev",
                "file,node-name=d",
                "--nbd-server",
                "foo");
        assertRefused(
                "--chardev tape,id=a: 'tape' is not a valid char driver name: use socket or stdio",
                "--blockdev",
                "file,node-name=d",
                "--chardev",
                "tape,id=a");
        assertRefused("--nbd-server id=x: Parameter 'id' is unexpected", "--nbd-server", "id=x");
        assertEquals(List.of(), fakes.added);
    }

    @Test
    void whatNoDriverKnowsIsFoundBeforeAnythingIsMade() {
        for (String option : List.of("--blockdev", "--export", "--object", "--nbd-server")) {
            assertRefused(
                    option + " wrong=1: 'wrong' is unexpected",
                    "--blockdev",
                    "file,node-name=d",
                    option,
                    "wrong=1",
                    "--blockdev",
                    "wrong=2");
        }
        assertEquals(List.of(), fakes.added);
    }

    @Test
    void aCharDeviceIsOpenedWhereItWasGiven() {
        List<String> words =
                List.of(
                        "--chardev",
                        "socket,id=c,path=/s",
                        "--chardev",
                        "stdio,id=nobodys",
                        "--blockdev",
                        "file,node-name=d",
                        "--monitor",
                        "c");
        assertEquals(Map.of(), commandLine.apply(words));
        assertEquals(
                List.of(
                        "Object {addr={type=unix, path=/s}, id=monitor-c, pretty=false,"
                                + " qom-type=qmp-monitor, server=false}",
                        "Node {driver=file, node-name=d}"),
                fakes.added);
        fakes.refuse = "/s";
        assertRefused("--chardev socket,id=c,path=/s: no /s", words.toArray(String[]::new));
    }

    @Test
    void whatIsRefusedIsNamed() {
        fakes.refuse = "node-name=two";
        assertRefused(
                "--blockdev file,node-name=two: no node-name=two",
                "--blockdev",
                "file,node-name=one",
                "--blockdev",
                "file,node-name=two",
                "--blockdev",
                "file,node-name=three");
        assertEquals(List.of("Node {driver=file, node-name=one}"), fakes.added);
    }

    @Test
    void aSecondServerIsRefusedInQemusWords() {
        fakes.refuse = "nbd-server";
        assertRefused("--nbd-server: NBD server already running", "--nbd-server", "");
    }

    @Test
    void charDevicesAreForOneMonitorThatComesBehind() {
        assertRefused(
                "--monitor a: chardev \"a\" not found: a --chardev with id=a goes before",
                "--monitor",
                "a",
                "--chardev",
                "stdio,id=a");
        assertRefused(
                "--monitor a: Device 'a' is in use: a monitor has it already",
                "--chardev",
                "stdio,id=a",
                "--monitor",
                "a",
                "--monitor",
                "a");
        assertRefused(
                "--chardev socket,id=a,path=/s: Duplicate ID 'a' for chardev",
                "--chardev",
                "stdio,id=a",
                "--chardev",
                "socket,id=a,path=/s");
        assertRefused(
                "--chardev stdio,id=b: cannot use stdio by multiple character devices",
                "--chardev",
                "stdio,id=a",
                "--chardev",
                "stdio,id=b");
    }

    @Test
    void helpComesBeforeEverything() {
        fakes.driver(Kind.NODE, "file", State.SERVING, "");
        fakes.driver(Kind.EXPORT, "nbd", State.PLACEHOLDER, "deploy driver-nbd");
        fakes.driver(Kind.EXPORT, "fuse", State.SERVING, "");
        assertEquals(
                "Types of nodes:\n  file\n",
                text("--blockdev", "x,node-name=d", "--blockdev", "help"));
        assertEquals(
                "Types of exports:\n  fuse\n  nbd: not now: deploy driver-nbd\n",
                text("--export", "help"));
        assertEquals(
                """
                secret options:
                  a=<text>          what it is (required)
                  long-name=<text>  what it is (default: 1)
                """,
                text("--object", "secret,help"));
        assertTrue(text("--chardev", "help").contains("socket"));
        assertTrue(text("--monitor", "help").contains("pretty"));
        assertEquals(
                """

                Types that are there now:
                  --blockdev file
                  --export   fuse
                    not now: nbd: deploy driver-nbd
                  --object  \s
                """,
                text("--help", ""));
        assertEquals(List.of(), fakes.added);
    }

    private String text(String... words) {
        Map<String, String> came = commandLine.apply(List.of(words));
        assertTrue(came.containsKey("text"), came::toString);
        return came.get("text");
    }

    private void assertRefused(String message, String... words) {
        assertEquals(Map.of("refused", message), commandLine.apply(List.of(words)));
    }
}
