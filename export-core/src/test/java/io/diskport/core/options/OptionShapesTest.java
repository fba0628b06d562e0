package io.diskport.core.options;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.diskport.api.manage.OptionMember;
import io.diskport.api.manage.OptionShape;
import io.diskport.api.manage.OptionShape.Type;
import io.diskport.api.manage.OptionShape.Value;
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

class OptionShapesTest {
    /** One of each. */
    record Sample(
            @Option(description = "a text") String text,
            @Option(description = "on or off", defaultValue = "on") boolean flag,
            @Option(description = "how many") Optional<Integer> count,
            @Option(description = "how large") ByteSize size,
            @Option(description = "how long") Duration time,
            @Option(description = "where") Path path,
            @Option(description = "on what") NodeRef file,
            @Option(description = "with what", onlyOne = true) ObjectRef<Secret> key,
            @Option(description = "whether", name = "odd_name") OnOffAuto maybe,
            @Option(description = "hidden", secret = true, defaultValue = "x") String password,
            @Option(description = "many") List<String> names,
            @Option(description = "nothing needed") Cache cache,
            @Option(description = "something needed") Needy needy,
            @Option(description = "one of two") Optional<Place> place) {}

    record Cache(@Option(description = "direct", defaultValue = "off") boolean direct) {}

    record Needy(@Option(description = "needed") String needed) {}

    @Choice("type")
    sealed interface Place {
        @Choice("here")
        record Here() implements Place {}

        @Choice("there")
        record There(@Option(description = "how far") long distance) implements Place {}
    }

    private static OptionMember member(String name) {
        return OptionShapes.of(Sample.class).stream()
                .filter(member -> member.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static void value(String name, Type type, boolean required) {
        assertEquals(new Value(type), member(name).shape(), name);
        assertEquals(required, member(name).required(), name);
    }

    @Test
    void singleValuesHaveTheirTypes() {
        value("text", Type.TEXT, true);
        value("flag", Type.BOOLEAN, false);
        value("count", Type.INTEGER, false);
        value("size", Type.SIZE, true);
        value("time", Type.DURATION, true);
        value("path", Type.PATH, true);
        value("file", Type.NODE, true);
        value("key", Type.OBJECT, false);
        assertEquals(
                new OptionShape.OneOf(List.of("auto", "on", "off")), member("odd_name").shape());
        assertEquals("on", member("flag").defaultValue());
        assertEquals("a text", member("text").description());
    }

    @Test
    void nothingIsToldOfASecretsValue() {
        assertEquals(true, member("password").secret());
        assertEquals("", member("password").defaultValue());
    }

    @Test
    void whatIsNestedIsTold() {
        assertEquals(new OptionShape.ListOf(new Value(Type.TEXT)), member("names").shape());
        assertEquals(false, member("names").required());
        assertEquals(false, member("cache").required());
        assertEquals(true, member("needy").required());
        assertEquals(
                new OptionShape.Alternatives(
                        "type",
                        Map.of(
                                "here",
                                List.of(),
                                "there",
                                List.of(
                                        new OptionMember(
                                                "distance",
                                                new Value(Type.INTEGER),
                                                true,
                                                "",
                                                "how far",
                                                false)))),
                member("place").shape());
        assertEquals(false, member("place").required());
    }
}
