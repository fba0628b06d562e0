package io.diskport.qmp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.manage.Kind;
import io.diskport.api.manage.OptionShape.Type;
import io.diskport.qmp.json.JsonStream;
import io.diskport.qmp.json.JsonText;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What commands answer; the texts are those of qemu-storage-daemon 7.2. */
class CommandsTest {
    private final Bench bench = new Bench();

    @AfterEach
    void close() throws Exception {
        bench.close();
    }

    /** The answer in JSON, or the text of the error. */
    private String ask(String command, String arguments) {
        String text = "{'execute':'" + command + "','arguments':{" + arguments + "}}";
        Optional<JsonStream.Found> found =
                new JsonStream().next(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        Object value = found.orElseThrow().value().orElseThrow();
        try {
            return JsonText.of(bench.engine.commands().run(Request.of(value), true, new Nobody()));
        } catch (QmpException e) {
            return e.getMessage();
        }
    }

    private void ok(String command, String arguments) {
        assertEquals("{}", ask(command, arguments));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'driver':'file'|Parameter 'filename' is missing",
                "'driver':'file','filename':'a'|'node-name' must be specified for the root node",
                "'driver':'nope','node-name':'x'|Parameter 'driver' does not accept value 'nope'",
                "'node-name':'x'|Parameter 'driver' is missing",
                "'driver':'file','node-name':'x','filename':'a','bla':1"
                        + "|Parameter 'bla' is unexpected",
                "'driver':'file','node-name':'x','filename':'a','read-only':'on'"
                        + "|Invalid parameter type for 'read-only', expected: boolean",
                "'driver':'file','node-name':'x','filename':1"
                        + "|Invalid parameter type for 'filename', expected: string",
                "'driver':'file','node-name':'x','filename':null"
                        + "|Invalid parameter type for 'filename', expected: string",
                "'driver':'file','node-name':'x','filename':'a','cache':1"
                        + "|Invalid parameter type for 'cache', expected: object",
                "'driver':'file','node-name':'x','filename':'a','cache':{'foo':1}"
                        + "|Parameter 'cache.foo' is unexpected",
                "'driver':'file','node-name':'x','filename':'a','cache.direct':false"
                        + "|Parameter 'cache.direct' is unexpected",
                "'driver':'file','node-name':'x','filename':'a','discard':'maybe'"
                        + "|Parameter 'discard' does not accept value 'maybe'",
                "'driver':'null-co','node-name':'x','size':'1M'"
                        + "|Invalid parameter type for 'size', expected: integer",
                "'driver':'null-co','node-name':'x','size':1.5"
                        + "|Invalid parameter type for 'size', expected: integer",
                "'driver':'raw','node-name':'x','file':1"
                        + "|Invalid parameter type for 'file', expected: BlockdevRef",
                "'driver':'raw','node-name':'x','file':{'driver':'nope'}"
                        + "|Parameter 'driver' does not accept value 'nope'",
                "'driver':'raw','node-name':'x','file':{'driver':'null-co','size':'x'}"
                        + "|Invalid parameter type for 'file.size', expected: integer",
                "'driver':'raw','node-name':'x','file':{'driver':'null-co','bla':'x'}"
                        + "|Parameter 'file.bla' is unexpected",
                "'driver':'raw','node-name':'x','file':{'bla':'x'}"
                        + "|Parameter 'file.driver' is missing",
            })
    void argumentsOfBlockdevAddAreChecked(String arguments, String text) {
        assertEquals(text, ask("blockdev-add", arguments));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'policy':'foo','match':'x'|Parameter 'policy' does not accept value 'foo'",
                "'match':'x','policy':'allow','y':1|Parameter 'rules[0].y' is unexpected",
                "'match':1|Invalid parameter type for 'rules[0].match', expected: string",
            })
    void elementsOfListsAreChecked(String rule, String text) {
        assertEquals(
                text,
                ask("object-add", "'qom-type':'authz-list','id':'a','rules':[{" + rule + "}]"));
    }

    @Test
    void listsAreChecked() {
        String start = "'qom-type':'authz-list','id':'a','rules':";
        assertEquals(
                "Invalid parameter type for 'rules[0]', expected: object",
                ask("object-add", start + "[1]"));
        assertEquals(
                "Invalid parameter type for 'rules', expected: array",
                ask("object-add", start + "{}"));
    }

    @Test
    void aTypeThatIsInstalledAndDoesNotServeIsToldWhy() {
        assertEquals(
                "Parameter 'type' does not accept value 'nope'",
                ask("block-export-add", "'type':'nope','id':'e','node-name':'f'"));
        bench.drivers.add(Kind.NODE, "qcow2");
        ok("blockdev-add", "'driver':'qcow2','node-name':'q'");
        assertEquals(
                "The driver for rbd waits",
                ask("block-export-add", "'type':'rbd','id':'e','node-name':'f'"));
    }

    @Test
    void nodesAreListedWithTheNewestFirst() throws Exception {
        ok("blockdev-add", "'driver':'file','node-name':'b','filename':'/b.raw'");
        ok(
                "blockdev-add",
                "'driver':'raw','node-name':'a','file':'b','cache':{'direct':true},'read-only':true");
        ok("blockdev-add", "'driver':'raw','node-name':'c','file':'b','offset':512");
        ok("blockdev-add", "'driver':'null-co','node-name':'n'");

        String rest =
                ", \"backing_file_depth\": 0, \"drv\": \"raw\", \"iops\": 0, \"bps_wr\": 0,"
                        + " \"write_threshold\": 0, \"encrypted\": false, \"bps\": 0, \"bps_rd\": 0,";
        String nodes = ask("query-named-block-nodes", "");
        assertTrue(
                nodes.contains(
                        "{\"iops_rd\": 0, \"detect_zeroes\": \"off\", \"image\": {\"virtual-size\":"
                                + " 1048576, \"filename\": \"/b.raw\", \"format\": \"raw\","
                                + " \"actual-size\": 4096, \"dirty-flag\": false}, \"iops_wr\": 0,"
                                + " \"ro\": true, \"node-name\": \"a\""
                                + rest
                                + " \"cache\": {\"no-flush\": false, \"direct\": true,"
                                + " \"writeback\": true}, \"file\": \"/b.raw\"}"),
                nodes);
        assertTrue(
                nodes.contains(
                        "\"json:{\\\"offset\\\": 512, \\\"driver\\\": \\\"raw\\\", \\\"file\\\":"
                                + " {\\\"driver\\\": \\\"file\\\", \\\"filename\\\":"
                                + " \\\"/b.raw\\\"}}\""),
                nodes);
        assertTrue(nodes.contains("\"null-co://\""), nodes);
        assertEquals(
                List.of("n", "c", "a", "b"),
                List.of(nodes.split("\"node-name\": \"")).stream()
                        .skip(1)
                        .map(part -> part.substring(0, 1))
                        .toList());
    }

    @Test
    void nodesAreResizedReopenedAndDeleted() throws Exception {
        bench.nodes.add(Bench.file("f"));

        ok("block_resize", "'node-name':'f','size':2097152");
        assertEquals(
                "Cannot find device='' nor node-name='x'",
                ask("block_resize", "'node-name':'x','size':1"));
        assertEquals(
                "Cannot find device='f' nor node-name=''",
                ask("block_resize", "'device':'f','size':1"));
        assertEquals("Parameter 'size' is missing", ask("block_resize", "'node-name':'f'"));
        ok("blockdev-reopen", "'options':[{'driver':'file','node-name':'f','filename':'x'}]");
        ok("blockdev-reopen", "'options':[]");
        assertEquals(
                "node-name not specified",
                ask("blockdev-reopen", "'options':[{'driver':'null-co'}]"));
        assertEquals("Parameter 'options' is missing", ask("blockdev-reopen", ""));
        assertEquals(
                List.of(
                        "resize f 2097152",
                        "reopen [{driver=file, node-name=f, filename=x}]",
                        "reopen []"),
                bench.nodes.calls);
        ok("blockdev-del", "'node-name':'f'");
        assertEquals("'f' is not found", ask("blockdev-del", "'node-name':'f'"));
        assertEquals("Parameter 'node-name' is missing", ask("blockdev-del", ""));
    }

    @Test
    void exportsAreAddedListedAndDeleted() throws Exception {
        bench.nodes.add(Bench.file("f"));

        String fuse = "'type':'fuse','mountpoint':'/m','node-name':'f','id':";
        ok("block-export-add", fuse + "'b','fixed-iothread':true");
        ok("block-export-add", fuse + "'a'");
        assertEquals(
                "Block export id 'a' is already in use", ask("block-export-add", fuse + "'a'"));
        assertEquals(
                "Parameter 'id' is missing",
                ask("block-export-add", "'type':'fuse','node-name':'f','mountpoint':'/m'"));
        assertEquals(
                "[{\"node-name\": \"f\", \"shutting-down\": false, \"type\": \"fuse\", \"id\":"
                        + " \"a\"}, {\"node-name\": \"f\", \"shutting-down\": false, \"type\":"
                        + " \"fuse\", \"id\": \"b\"}]",
                ask("query-block-exports", ""));
        ok("block-export-del", "'id':'a'");
        ok("block-export-del", "'id':'b','mode':'hide'");
        assertEquals(
                "Parameter 'mode' does not accept value 'foo'",
                ask("block-export-del", "'id':'a','mode':'foo'"));
        assertEquals(List.of("delete a SAFE", "delete b HIDE"), bench.exports.calls);
        assertEquals("[]", ask("query-block-exports", ""));
    }

    @Test
    void theNbdServerIsAnObject() throws Exception {
        bench.nodes.add(Bench.file("f"));
        String export = "'type':'nbd','node-name':'f','id':'e'";

        bench.exports.lacksSomething = true;
        assertEquals("NBD server not running", ask("block-export-add", export));
        assertEquals(
                "something is not there", ask("block-export-add", export.replace("'f'", "'g'")));
        assertEquals("NBD server not running", ask("nbd-server-stop", ""));
        bench.exports.lacksSomething = false;
        assertEquals("Parameter 'addr' is missing", ask("nbd-server-start", ""));
        assertEquals(
                "Parameter 'addr.data' is missing",
                ask("nbd-server-start", "'addr':{'type':'unix','path':'n'}"));
        assertEquals(
                "Parameter 'type' does not accept value 'foo'",
                ask("nbd-server-start", "'addr':{'type':'foo'}"));
        assertEquals(
                "Invalid parameter type for 'addr.data.port', expected: string",
                ask("nbd-server-start", "'addr':{'type':'inet','data':{'host':'h','port':1}}"));
        assertEquals(
                "No TLS credentials with id 'nope'",
                ask(
                        "nbd-server-start",
                        "'addr':{'type':'unix','data':{'path':'n'}},'tls-creds':'nope'"));
        ok(
                "nbd-server-start",
                "'addr':{'type':'inet','data':{'host':'::1','port':'10809'}},'max-connections':5");
        assertEquals(
                Map.of(
                        "qom-type",
                        "nbd-server",
                        "id",
                        "nbd-server",
                        "max-connections",
                        5L,
                        "addr",
                        Map.of("type", "inet", "host", "::1", "port", 10809L)),
                bench.objects.find("nbd-server").orElseThrow().options());
        assertEquals(
                "NBD server already running",
                ask("nbd-server-start", "'addr':{'type':'unix','data':{'path':'n'}}"));
        ok("block-export-add", export);
        ok("nbd-server-add", "'device':'f','name':'x','writable':true");
        assertEquals(
                "Cannot find device='g' nor node-name='g'", ask("nbd-server-add", "'device':'g'"));
        assertEquals("Bitmap 'b' is not found", ask("nbd-server-add", "'device':'f','bitmap':'b'"));
        assertTrue(bench.exports.find("x").orElseThrow().writable());
        ok("nbd-server-remove", "'name':'x'");
        assertEquals("'x' is not found", ask("nbd-server-remove", "'name':'x'"));
        ok("nbd-server-stop", "");
        assertEquals(List.of(), bench.exports.list());
        assertEquals(List.of(), bench.objects.list());
    }

    @Test
    void objectsAreAddedListedAndDeleted() {
        ok("object-add", "'qom-type':'secret','id':'s','data':'x'");
        assertEquals(
                "attempt to add duplicate property 's' to object (type 'container')",
                ask("object-add", "'qom-type':'secret','id':'s','data':'x'"));
        assertEquals("Parameter 'qom-type' is missing", ask("object-add", "'id':'s'"));
        assertEquals(
                "[{\"name\": \"type\", \"type\": \"string\"}, {\"name\": \"s\", \"type\":"
                        + " \"child<secret>\"}]",
                ask("qom-list", "'path':'/objects'"));
        bench.drivers.add(Kind.OBJECT, "qmp-monitor", FakeDrivers.option("pretty", Type.BOOLEAN));
        ok("object-add", "'qom-type':'qmp-monitor','id':'m'");
        assertEquals(
                "[{\"name\": \"type\", \"type\": \"string\"}, {\"name\": \"m\", \"type\":"
                        + " \"child<qmp-monitor>\"}]",
                ask("qom-list", "'path':'/chardevs'"));
        assertEquals(
                "[{\"name\": \"type\", \"type\": \"string\"}, {\"name\": \"pretty\", \"type\":"
                        + " \"bool\"}]",
                ask("qom-list", "'path':'/chardevs/m'"));
        String properties =
                "[{\"name\": \"type\", \"type\": \"string\"}, {\"name\": \"data\", \"type\":"
                        + " \"string\"}]";
        assertEquals(properties, ask("qom-list", "'path':'/objects/s'"));
        assertEquals(properties, ask("qom-list", "'path':'s'"));
        assertEquals("Device '/objects/nope' not found", ask("qom-list", "'path':'/objects/nope'"));
        assertEquals(
                "[{\"name\": \"secret\", \"parent\": \"object\"}]",
                ask("qom-list-types", "'implements':'secret'"));
        assertEquals("[]", ask("qom-list-types", "'implements':'nope','abstract':true"));
        ok("object-del", "'id':'s'");
    }

    private static final class Nobody implements Call.Client {
        @Override
        public String monitor() {
            return "mon";
        }

        @Override
        public void answerFirst() {}

        @Override
        public void ready() {}

        @Override
        public void last() {}
    }
}
