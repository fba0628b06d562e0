package io.diskport.qmp;

import io.diskport.qmp.Shape.Array;
import io.diskport.qmp.Shape.Member;
import io.diskport.qmp.Shape.Struct;
import io.diskport.qmp.Shape.Variants;
import io.diskport.qmp.Shape.Words;
import java.util.List;
import java.util.Map;

/** The shape of a schema itself. */
final class SchemaShape {
    private static final Array STRINGS = new Array(Shape.STRING);

    private static final Map<String, Struct> VARIANTS =
            Map.of(
                    "builtin",
                    Struct.of(
                            Member.required(
                                    "json-type",
                                    Words.of(
                                            "string", "number", "int", "boolean", "null", "object",
                                            "array", "value"))),
                    "enum",
                    Struct.of(
                            Member.required("members", new Array(named())),
                            Member.required("values", STRINGS)),
                    "array",
                    Struct.of(Member.required("element-type", Shape.STRING)),
                    "object",
                    Struct.of(
                            Member.required(
                                    "members",
                                    new Array(
                                            Struct.of(
                                                    Member.required("name", Shape.STRING),
                                                    Member.required("type", Shape.STRING),
                                                    Member.optional("default", Shape.ANY)))),
                            Member.optional("tag", Shape.STRING),
                            Member.optional(
                                    "variants",
                                    new Array(
                                            Struct.of(
                                                    Member.required("case", Shape.STRING),
                                                    Member.required("type", Shape.STRING))))),
                    "alternate",
                    Struct.of(
                            Member.required(
                                    "members",
                                    new Array(Struct.of(Member.required("type", Shape.STRING))))),
                    "command",
                    Struct.of(
                            Member.required("arg-type", Shape.STRING),
                            Member.required("ret-type", Shape.STRING)),
                    "event",
                    Struct.of(Member.required("arg-type", Shape.STRING)));

    private static final List<String> META_TYPES =
            List.of("builtin", "enum", "array", "object", "alternate", "command", "event");

    /** One entity of a schema. */
    static final Struct ENTITY =
            new Struct(
                    List.of(
                            Member.required("name", Shape.STRING),
                            Member.required("meta-type", Words.of(META_TYPES))),
                    new Variants("meta-type", META_TYPES, VARIANTS::get));

    private SchemaShape() {}

    private static Struct named() {
        return Struct.of(Member.required("name", Shape.STRING));
    }
}
