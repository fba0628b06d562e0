package io.diskport.core.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.object.Secret;
import io.diskport.api.options.ByteSize;
import io.diskport.api.options.Choice;
import io.diskport.api.options.NodeRef;
import io.diskport.api.options.ObjectRef;
import io.diskport.api.options.OnOffAuto;
import io.diskport.api.options.Option;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordBinderTest {
    private enum Mode {
        READ_ONLY,
        ANY
    }

    private record Common(
            @Option(description = "its id") String id,
            @Option(description = "clients may write", defaultValue = "off") boolean writable) {}

    private record Cache(
            @Option(description = "d", defaultValue = "off") boolean direct,
            @Option(description = "n", defaultValue = "off") boolean noFlush) {}

    @Choice("type")
    private sealed interface Address {
        @Choice("unix")
        record Unix(@Option(description = "the socket") Path path) implements Address {}

        @Choice("inet")
        record Inet(
                @Option(description = "the host", defaultValue = "127.0.0.1") String host,
                @Option(description = "the port") int port)
                implements Address {}
    }

    private record Everything(
            @Option(description = "", defaultValue = "1M") ByteSize size,
            @Option(description = "", defaultValue = "30s") Duration timeout,
            @Option(description = "", defaultValue = "any") Mode openMode,
            @Option(description = "", defaultValue = "auto") OnOffAuto allowOther,
            @Option(description = "", defaultValue = "7", name = "count") int number,
            @Option(description = "", defaultValue = "8") long big,
            @Option(description = "") Optional<Path> mountpoint,
            @Option(description = "") Optional<Integer> maybe,
            @Option(description = "") List<String> names,
            @Option(description = "") Cache cache,
            @Option(description = "") Optional<Address> addr,
            @Option(description = "") List<Address> more,
            @Option(description = "") Optional<NodeRef> file,
            @Option(description = "") Optional<ObjectRef<Secret>> key,
            @Option(description = "", secret = true, defaultValue = "1") int pin) {}

    private record Picky(@Option(description = "", defaultValue = "1") int queues) {
        Picky {
            if (queues < 1) {
                throw new IllegalArgumentException("num-queues is at least 1, and not " + queues);
            }
        }
    }

    private record Broken(@Option(description = "", defaultValue = "x") String text) {
        Broken {
            text.charAt(99);
        }
    }

    private record Unsupported(@Option(description = "", defaultValue = "x") Thread thread) {}

    @Test
    void defaultsStandInForWhatIsNotGiven() throws BlockException {
        assertEquals(
                new Everything(
                        new ByteSize(1 << 20),
                        Duration.ofSeconds(30),
                        Mode.ANY,
                        OnOffAuto.AUTO,
                        7,
                        8,
                        Optional.empty(),
                        Optional.empty(),
                        List.of(),
                        new Cache(false, false),
                        Optional.empty(),
                        List.of(),
                        Optional.empty(),
                        Optional.empty(),
                        1),
                everything(""));
    }

    @Test
    void textBecomesEveryType() throws BlockException {
        assertEquals(
                new Everything(
                        new ByteSize(12L << 30),
                        Duration.ofMillis(1500),
                        Mode.READ_ONLY,
                        OnOffAuto.OFF,
                        -3,
                        1L << 40,
                        Optional.of(Path.of("/mnt/x")),
                        Optional.of(4),
                        List.of("a", "b"),
                        new Cache(true, true),
                        Optional.of(new Address.Unix(Path.of("/s"))),
                        List.of(new Address.Inet("h", 1), new Address.Inet("127.0.0.1", 2)),
                        Optional.of(new NodeRef("n")),
                        Optional.of(new ObjectRef<>("k")),
                        2),
                everything(
                        "size=12G,timeout=1500ms,open-mode=read-only,allow-other=off,count=-3,"
                                + "big=1099511627776,mountpoint=/mnt/x,maybe=4,names.0=a,names.1=b,"
                                + "cache.direct=on,cache.no-flush=true,addr.type=unix,addr.path=/s,"
                                + "more.0.type=inet,more.0.host=h,more.0.port=1,more.1.type=inet,"
                                + "more.1.port=2,file=n,key=k,pin=2"));
    }

    @Test
    void jsonBringsItsTypes() throws BlockException {
        Everything options =
                everything(
                        "{\"size\":4096,\"count\":5,\"names\":[\"x\"],\"cache\":{\"direct\":true},"
                                + "\"more\":{\"type\":\"unix\",\"path\":\"/p\"}}");
        assertEquals(new ByteSize(4096), options.size());
        assertEquals(5, options.number());
        assertEquals(List.of("x"), options.names());
        assertEquals(new Cache(true, false), options.cache());
        assertEquals(List.of(new Address.Unix(Path.of("/p"))), options.more());
    }

    @Test
    void oneValueIsAListOfOneAndAnEmptyOneOfNone() throws BlockException {
        assertEquals(List.of("a:b"), everything("names=a:b").names());
        assertEquals(List.of(), everything("names=").names());
    }

    @Test
    void severalRecordsShareTheOptions() throws BlockException {
        RecordBinder binder =
                new RecordBinder(
                        "export type 'x'",
                        Map.of("id", "e", "writable", "true", "queues", 2),
                        List.of(Common.class, Picky.class));
        assertEquals(new Common("e", true), binder.bind(Common.class));
        assertEquals(new Picky(2), binder.bind(Picky.class));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "size=12x|Parameter 'size' expects integer, and not '12x': a size is a number of"
                        + " bytes, with k, M, G, T, P or E behind it if wanted",
                "size=9E|Parameter 'size' expects integer, and not '9E': a size is at most 8 EiB -"
                        + " 1",
                "timeout=5x|Parameter 'timeout' does not accept value '5x': a duration is a number"
                        + " of seconds, or one with ns, us, ms, s, m or h behind it",
                "timeout=999999999999h|Parameter 'timeout' does not accept value '999999999999h':"
                        + " a duration is at most 292 years",
                "open-mode=READ_ONLY|Parameter 'open-mode' does not accept value 'READ_ONLY': it"
                        + " is one of read-only, any",
                "cache.direct=yes|Parameter 'cache.direct' expects 'on' or 'off', and not 'yes'",
                "count=1.5|Parameter 'count' expects integer, and not '1.5': a whole number is"
                        + " expected",
                "count=3000000000|Parameter 'count' expects integer, and not '3000000000': a whole"
                        + " number is at least -2147483648 and at most 2147483647 here",
                "big=99999999999999999999|Parameter 'big' expects integer, and not"
                        + " '99999999999999999999': the number is too large",
                "mountpoint=|Parameter 'mountpoint' does not accept value '': a path is expected",
                "file=|Parameter 'file' does not accept value '': the name of a node is expected",
                "file.driver=null-co|Option 'file' takes one value, and not options of its own",
                "size.0=1|Option 'size' takes one value, and not a list",
                "cache=on|Invalid parameter type for 'cache', expected: object; it is a group of"
                        + " options, 'cache.NAME'",
                "addr.path=/x|Parameter 'addr.type' is missing for export type 'x': it is one of"
                        + " unix, inet",
                "addr.type=vsock|Parameter 'addr.type' does not accept value 'vsock': it is one of"
                        + " unix, inet",
                "addr.type=unix|Parameter 'addr.path' is missing for export type 'x'",
                "more.0.type=inet,more.0.port=z|Parameter 'more.0.port' expects integer, and not"
                        + " 'z': a whole number is expected",
                "mountpint=/x|Parameter 'mountpint' is unexpected for export type 'x'; did you"
                        + " mean 'mountpoint'?",
                "cache.dierct=on|Parameter 'cache.dierct' is unexpected for export type 'x'; did"
                        + " you mean 'cache.direct'?",
                "addr.type=unix,addr.port=1|Parameter 'addr.port' is unexpected for export type"
                        + " 'x'",
                "zzz.y=1|Parameter 'zzz.y' is unexpected for export type 'x'",
                "pin=12x4|Parameter 'pin' has a wrong value: a whole number is expected",
                "{\"size\":-1}|Parameter 'size' does not accept value '-1': a size is not"
                        + " negative: -1",
                "{\"size\":1.5}|Invalid parameter type for 'size', expected: integer; the value"
                        + " is '1.5': a size is a number of bytes, with k, M, G, T, P or E behind"
                        + " it if wanted",
                "{\"count\":true}|Invalid parameter type for 'count', expected: integer; the"
                        + " value is 'on': a whole number is expected",
                "{\"file\":5}|Invalid parameter type for 'file', expected: string; the value is"
                        + " '5': the name of a node is expected",
                "{\"names\":[1]}|Invalid parameter type for 'names.0', expected: string; the"
                        + " value is '1': text is expected, which JSON has in quotes",
                "{\"cache\":{\"direct\":1}}|Invalid parameter type for 'cache.direct',"
                        + " expected: boolean; the value is '1': it is on or off",
            })
    void refusalNamesOptionValueAndWhatIsRight(String text, String message) {
        BlockException e = assertThrows(BlockException.class, () -> everything(text));
        assertEquals(message, e.getMessage());
        assertEquals(Reason.INVALID, e.reason());
    }

    @Test
    void missingOptionIsNamed() throws BlockException {
        BlockException e =
                assertThrows(BlockException.class, () -> bind(Common.class, "writable=on"));
        assertEquals("Parameter 'id' is missing for export type 'x'", e.getMessage());
    }

    @Test
    void whatTheRecordRefusesIsRefusedWithItsMessage() {
        BlockException e = assertThrows(BlockException.class, () -> bind(Picky.class, "queues=0"));
        assertEquals("num-queues is at least 1, and not 0", e.getMessage());
        assertEquals(Reason.INVALID, e.reason());
    }

    @Test
    void mistakesOfDriversAreNotTheUsers() {
        for (Class<? extends Record> type : List.of(Broken.class, Unsupported.class)) {
            BlockException e = assertThrows(BlockException.class, () -> bind(type, ""));
            assertEquals(Reason.FAILED, e.reason());
        }
    }

    @Test
    void secretStandsInNoMessage() {
        BlockException e =
                assertThrows(BlockException.class, () -> everything("{\"pin\":\"12x4\"}"));
        assertFalse(e.toString().contains("12x4"));
        assertNull(e.getCause());
    }

    private static Everything everything(String text) throws BlockException {
        return bind(Everything.class, text);
    }

    private static <R extends Record> R bind(Class<R> type, String text) throws BlockException {
        return new RecordBinder("export type 'x'", OptionText.parse(text, ""), List.of(type))
                .bind(type);
    }
}
