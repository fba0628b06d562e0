package io.diskport.core.life;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.BlockException;
import io.diskport.api.manage.Kind;
import io.diskport.core.nodes.NullNodeDriver;
import io.diskport.core.nodes.RawNodeDriver;
import io.diskport.core.objects.ThrottleGroupDriver;
import io.diskport.core.options.OptionText;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Options that are looked at before anything is made of them. */
class OptionCheckTest {
    private final System.Logger log = System.getLogger("test");
    private final Graph graph = new Graph((kind, type) -> "there is none", new Changes(log), log);
    private final OptionTexts options = new OptionTexts(graph);

    @BeforeEach
    void drivers() {
        graph.driverCame(Fakes.ref(Kind.NODE, "null-co", 0, new NullNodeDriver()));
        graph.driverCame(Fakes.ref(Kind.NODE, "raw", 0, new RawNodeDriver()));
        graph.driverCame(Fakes.ref(Kind.EXPORT, "fake", 0, new Fakes.ExportDriver()));
        graph.driverCame(Fakes.ref(Kind.OBJECT, "throttle-group", 0, new ThrottleGroupDriver()));
    }

    @AfterEach
    void close() {
        graph.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "NODE|node-name=n|Parameter 'driver' is missing",
                "NODE|driver=nope,node-name=n|Parameter 'driver' does not accept value 'nope': there",
                "NODE|driver=null-co,node-name=n,foo=1|Parameter 'foo' is unexpected",
                "NODE|driver=null-co,foo=1|Parameter 'foo' is unexpected",
                "NODE|driver=null-co,size=abc|Parameter 'size' expects integer",
                "NODE|driver=null-co|'node-name' must be specified for the root node",
                "NODE|driver=null-co,node-name=1|Invalid node-name: '1'",
                "NODE|driver=null-co,node-name=n,cache.foo=on|Parameter 'cache.foo' is unexpected",
                "NODE|driver=raw,node-name=r|Parameter 'file' is missing",
                "NODE|driver=raw,node-name=r,file.foo=1|Parameter 'file.driver' is missing",
                "NODE|driver=raw,node-name=r,file.driver=null-co,file.foo=1"
                        + "|Parameter 'file.foo' is unexpected",
                "NODE|driver=raw,node-name=r,file.driver=raw,file.file.driver=null-co,"
                        + "file.file.size=x|Parameter 'file.file.size' expects integer",
                "NODE|driver=raw,node-name=r,file.driver=null-co,file.node-name=1"
                        + "|Invalid node-name: '1'",
                "EXPORT|type=fake,id=e|Parameter 'node-name' is missing",
                "EXPORT|type=fake,id=1,node-name=n|Invalid block export id",
                "EXPORT|type=fake,id=e,node-name=n,frob=1|Parameter 'frob' is unexpected",
                "OBJECT|qom-type=throttle-group,id=g,limits.foo=1"
                        + "|Parameter 'limits.foo' is unexpected",
            })
    void aMistakeIsNamed(Kind kind, String text, String message) throws Exception {
        var given = OptionText.parse(text, "");
        BlockException refusal =
                assertThrows(BlockException.class, () -> options.check(kind, given));
        assertTrue(refusal.getMessage().startsWith(message), refusal::getMessage);
    }

    @Test
    void whatIsReferredToNeedsNotBeThereAndNothingIsMade() throws Exception {
        options.check(Kind.NODE, OptionText.parse("driver=raw,node-name=r,file=f", ""));
        options.check(
                Kind.NODE,
                OptionText.parse("driver=raw,node-name=r,file.driver=null-co,file.size=1k", ""));
        options.check(Kind.EXPORT, OptionText.parse("type=fake,id=e,node-name=r", ""));
        assertEquals(List.of(), graph.all(Kind.NODE));
    }
}
