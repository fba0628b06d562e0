package io.diskport.cline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.diskport.api.BlockException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CharDeviceTest {
    private static final Map<String, Object> PATH = Map.of("type", "unix", "path", "/s");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "socket,id=a,path=/s,server=on,wait=off",
                "socket,path=/s,id=a,server,nowait",
                "backend=socket,id=a,path=/s,server=on",
                "socket,id=a,path=/s,server=off,server=on",
                "socket,id=a,path=/s,server=on,telnet=off,mux=off,reconnect=0,delay=off",
                "socket,id=a,path=/s,server=on,nodelay",
            })
    void aSocketThatListens(String text) throws Exception {
        assertEquals(new CharDevice("a", PATH, true), CharDevice.parse(text));
    }

    @Test
    void aSocketConnectsUnlessItIsAServer() throws Exception {
        assertEquals(new CharDevice("a", PATH, false), CharDevice.parse("socket,id=a,path=/s"));
        assertEquals(
                new CharDevice("a", PATH, false),
                CharDevice.parse("socket,id=a,path=/s,server=off"));
    }

    @Test
    void aDoubledCommaIsOne() throws Exception {
        assertEquals(
                Map.of("type", "unix", "path", "/a,b"),
                CharDevice.parse("socket,id=a,path=/a,,b").address());
    }

    @Test
    void anAddressOfTheNetwork() throws Exception {
        assertEquals(
                new CharDevice(
                        "a", Map.of("type", "inet", "host", "localhost", "port", "4444"), true),
                CharDevice.parse("socket,id=a,host=localhost,port=4444,server=on,wait=off"));
        assertEquals(
                Map.of("type", "inet", "port", "4444"),
                CharDevice.parse("socket,id=a,host=,port=4444,server=on").address());
    }

    @Test
    void standardInputAndOutput() throws Exception {
        assertEquals(Map.of("type", "stdio"), CharDevice.parse("stdio,id=a,signal=off").address());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "~~|chardev: no id specified",
                "socket,path=/s|chardev: no id specified",
                "socket,id=1a,path=/s|Parameter 'id' expects an identifier: a letter, then letters, digits, '-', '.' and '_'",
                "id=a|chardev: \"a\" missing backend: socket or stdio",
                "bogus,id=a|'bogus' is not a valid char driver name: use socket or stdio",
                "pty,id=a|a char device of kind 'pty' is not for monitors: use socket or stdio",
                "stdio,id=a,foo=1|Invalid parameter 'foo'",
                "stdio,id=a,path=x|Invalid parameter 'path'",
                "socket,id=a,path=/s,server=maybe|Parameter 'server' expects 'on' or 'off'",
                "socket,id=a,path=/s,server=on,wait=5|Parameter 'wait' expects 'on' or 'off'",
                "socket,id=a,path=/s,wait=off|'wait' option is incompatible with socket in client connect mode",
                "socket,id=a|one of 'path' and 'host' is required",
                "socket,id=a,path=/s,host=h|one of 'path' and 'host' is required",
                "socket,id=a,host=h|chardev: socket: no port given",
                "socket,id=a,path=/s,telnet=on|'telnet=on' is not supported for a monitor: leave it out",
                "socket,id=a,path=/s,,server=on,=x|'=x' is no option: write NAME=VALUE",
            })
    void mistakesAreNamed(String text, String message) {
        assertEquals(
                message,
                assertThrows(BlockException.class, () -> CharDevice.parse(text)).getMessage());
    }
}
