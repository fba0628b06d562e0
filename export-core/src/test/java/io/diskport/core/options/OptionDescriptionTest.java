package io.diskport.core.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.BlockException;
import io.diskport.api.manage.OptionEntry;
import io.diskport.api.manage.OptionEntry.Form;
import io.diskport.api.object.Secret;
import io.diskport.api.object.ThrottleGroup;
import io.diskport.api.options.ByteSize;
import io.diskport.api.options.Choice;
import io.diskport.api.options.NodeRef;
import io.diskport.api.options.ObjectRef;
import io.diskport.api.options.OnOffAuto;
import io.diskport.api.options.Option;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Descriptions, completion and references, which all read the same records. */
class OptionDescriptionTest {
    private record Inner(
            @Option(description = "the key", secret = true) String key,
            @Option(description = "how many", defaultValue = "4") int count) {}

    @Choice("type")
    private sealed interface Address {
        @Choice("unix")
        record Unix(@Option(description = "the socket") Path path) implements Address {}

        @Choice("object")
        record ByObject(@Option(description = "the credentials") ObjectRef<Secret> creds)
                implements Address {}
    }

    private record Options(
            @Option(description = "the node below") NodeRef file,
            @Option(description = "more nodes") List<NodeRef> children,
            @Option(description = "limits", defaultValue = "tg0")
                    ObjectRef<ThrottleGroup> throttleGroup,
            @Option(description = "let others in", defaultValue = "auto") OnOffAuto allowOther,
            @Option(description = "writable", defaultValue = "off") boolean writable,
            @Option(description = "bytes") Optional<ByteSize> size,
            @Option(description = "inner ones") Inner inner,
            @Option(description = "where it listens") Address addr) {}

    private static final List<Class<? extends Record>> TYPES = List.of(Options.class);

    @Test
    void schemaIsFlatInTheOrderOfTheRecord() {
        assertEquals(
                List.of(
                        entry("file", "node", true, "", "the node below", Form.NODE),
                        entry("children", "list of node", false, "", "more nodes", Form.NODE),
                        entry("throttle-group", "object", false, "tg0", "limits", Form.OBJECT),
                        entry(
                                "allow-other",
                                "auto|on|off",
                                false,
                                "auto",
                                "let others in",
                                Form.CHOICE,
                                "auto",
                                "on",
                                "off"),
                        entry(
                                "writable",
                                "on|off",
                                false,
                                "off",
                                "writable",
                                Form.CHOICE,
                                "on",
                                "off"),
                        entry("size", "size", false, "", "bytes", Form.VALUE),
                        entry("inner.key", "text", true, "", "the key", Form.VALUE),
                        entry("inner.count", "number", false, "4", "how many", Form.VALUE),
                        entry(
                                "addr.type",
                                "unix|object",
                                true,
                                "",
                                "where it listens",
                                Form.CHOICE,
                                "unix",
                                "object"),
                        entry(
                                "addr.path",
                                "path",
                                false,
                                "",
                                "with addr.type=unix: the socket",
                                Form.PATH),
                        entry(
                                "addr.creds",
                                "object",
                                false,
                                "",
                                "with addr.type=object: the credentials",
                                Form.OBJECT)),
                OptionSchema.of(TYPES));
    }

    @Test
    void completesNamesThatAreNotThereYet() {
        assertEquals(List.of("addr.type=", "addr.path=", "addr.creds="), complete("addr"));
        assertEquals(
                List.of("addr.path=", "addr.creds="),
                complete("addr.", "file=n", "addr.type=unix"));
        assertTrue(complete("").contains("file="));
        assertFalse(complete("", "file=n").contains("file="));
    }

    @Test
    void completesValues() {
        assertEquals(List.of("allow-other=on", "allow-other=off"), complete("allow-other=o"));
        assertEquals(List.of("writable=on", "writable=off"), complete("writable="));
        assertEquals(List.of("file=disk"), complete("file=d"));
        assertEquals(List.of("children.0=disk", "children.0=mem"), complete("children.0="));
        assertEquals(List.of("throttle-group=tg0"), complete("throttle-group="));
        assertEquals(List.of(), complete("size="));
        assertEquals(List.of(), complete("nothing=x"));
    }

    @Test
    void findsEveryReference() throws BlockException {
        Map<String, Object> options =
                OptionText.parse(
                        "file.driver=file,file.filename=/x,children.0=a,children.1.driver=null-co,"
                                + "addr.type=object,addr.creds=s0",
                        "");
        List<OptionReference> found = OptionReference.in(options, TYPES);
        assertEquals(
                List.of(
                        new OptionReference(
                                "file", Map.of("driver", "file", "filename", "/x"), none()),
                        new OptionReference("children.0", "a", none()),
                        new OptionReference("children.1", Map.of("driver", "null-co"), none()),
                        new OptionReference(
                                "throttle-group", "tg0", Optional.of(ThrottleGroup.class)),
                        new OptionReference("addr.creds", "s0", Optional.of(Secret.class))),
                found);
        assertTrue(found.get(0).isInline());
        assertTrue(found.get(0).isNode());
        assertFalse(found.get(3).isNode());
        assertEquals("tg0", found.get(3).name());
    }

    @Test
    void leavesWrongFormsToTheBinder() throws BlockException {
        assertEquals(
                List.of("throttle-group"),
                OptionReference.in(OptionText.parse("file=,inner=x,addr.type=zzz", ""), TYPES)
                        .stream()
                        .map(OptionReference::path)
                        .toList());
    }

    @Test
    void nameTakesThePlaceOfAnInlineDefinition() throws BlockException {
        Map<String, Object> options =
                OptionText.parse("file.driver=file,children.0.driver=x,a.b.c=1", "");
        Map<String, Object> replaced =
                OptionReference.replace(
                        OptionReference.replace(options, "file", "n1"), "children.0", "n2");
        assertEquals(
                Map.of("file", "n1", "children", List.of("n2"), "a", Map.of("b", Map.of("c", "1"))),
                replaced);
        assertEquals(Map.of("driver", "file"), options.get("file"));
    }

    @Test
    void secretsAreLeftOutOfWhatIsShown() throws BlockException {
        Map<String, Object> options = OptionText.parse("file=n,inner.key=hush,inner.count=1", "");
        assertEquals(
                Map.of("file", "n", "inner", Map.of("count", "1")),
                OptionSchema.withoutSecrets(options, TYPES));
        assertEquals("hush", ((Map<?, ?>) options.get("inner")).get("key"));
    }

    private static List<String> complete(String word, String... given) {
        return OptionCompletion.complete(
                OptionSchema.of(TYPES),
                List.of(given),
                word,
                () -> List.of("disk", "mem"),
                () -> List.of("tg0"));
    }

    private static Optional<Class<? extends io.diskport.api.object.BlockObject>> none() {
        return Optional.empty();
    }

    private static OptionEntry entry(
            String name,
            String type,
            boolean required,
            String defaultValue,
            String description,
            Form form,
            String... values) {
        return new OptionEntry(
                name, type, required, defaultValue, description, List.of(values), form);
    }
}
