package io.diskport.qmp;

import io.diskport.qmp.Shape.Member;
import io.diskport.qmp.Shape.Struct;
import io.diskport.qmp.Shape.Variants;
import io.diskport.qmp.Shape.Words;
import io.diskport.qmp.json.JsonNull;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Describes commands and events in QEMU's schema of schemas: a list of commands, events, and the
 * types that they use. Types that clients are not to know by name have numbers.
 *
 * <p>For one use.
 */
final class Schema {
    private static final String META_TYPE = "meta-type";
    private static final String NAME = "name";
    private static final String TYPE = "type";
    private static final String MEMBERS = "members";

    private final Vocabulary vocabulary;
    private final List<Object> entities = new ArrayList<>();
    private final Map<Struct, String> structs = new IdentityHashMap<>();
    private final Map<Object, String> others = new HashMap<>();
    private final Set<String> described = new LinkedHashSet<>();

    /** Types that have a name and are still to be described. */
    private final List<Shape> pending = new ArrayList<>();

    private int number;

    private Schema(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
    }

    /** The schema of commands and of events, which are given with their data. */
    static List<Object> of(
            Collection<Command> commands, Map<String, Struct> events, Vocabulary vocabulary) {
        Schema schema = new Schema(vocabulary);
        schema.nameOf(Shape.EMPTY);
        for (Command command : commands) {
            schema.command(command);
        }
        events.forEach(schema::event);
        // What is described may use more types, which are added at the end.
        for (int i = 0; i < schema.pending.size(); i++) {
            schema.describe(schema.pending.get(i));
        }
        return schema.entities;
    }

    private void command(Command command) {
        Map<String, Object> entity = entity(command.name(), "command");
        entity.put("arg-type", nameOf(command.arguments(vocabulary)));
        entity.put("ret-type", nameOf(command.answer(vocabulary)));
    }

    private void event(String name, Struct data) {
        entity(name, "event").put("arg-type", nameOf(data));
    }

    private Map<String, Object> entity(String name, String metaType) {
        Map<String, Object> entity = new LinkedHashMap<>();
        entity.put(NAME, name);
        entity.put(META_TYPE, metaType);
        entities.add(entity);
        return entity;
    }

    private String nameOf(Shape unresolved) {
        Shape shape = unresolved.resolve();
        if (shape instanceof Shape.Builtin builtin) {
            return remember(builtin.name(), builtin);
        }
        if (shape instanceof Shape.Array array) {
            return remember('[' + nameOf(array.element()) + ']', array);
        }
        if (shape instanceof Struct struct) {
            String known = structs.get(struct);
            if (known == null) {
                known = Integer.toString(number++);
                structs.put(struct, known);
            }
            return remember(known, struct);
        }
        return remember(
                others.computeIfAbsent(identity(shape), key -> Integer.toString(number++)), shape);
    }

    /** What makes two enumerations, or two alternates, the same type. */
    private List<String> identity(Shape shape) {
        if (shape instanceof Words words) {
            return words.words();
        }
        List<String> names = new ArrayList<>(List.of("|"));
        ((Shape.Alternate) shape).shapes().forEach(inner -> names.add(nameOf(inner)));
        return names;
    }

    private String remember(String name, Shape shape) {
        if (described.add(name)) {
            pending.add(shape);
        }
        return name;
    }

    private void describe(Shape shape) {
        String name = nameOf(shape);
        if (shape instanceof Shape.Builtin builtin) {
            entity(name, "builtin").put("json-type", builtin.jsonType());
        } else if (shape instanceof Shape.Array array) {
            entity(name, "array").put("element-type", nameOf(array.element()));
        } else if (shape instanceof Words words) {
            Map<String, Object> entity = entity(name, "enum");
            entity.put(MEMBERS, words.words().stream().map(word -> Map.of(NAME, word)).toList());
            entity.put("values", words.words());
        } else if (shape instanceof Shape.Alternate alternate) {
            entity(name, "alternate")
                    .put(
                            MEMBERS,
                            alternate.shapes().stream()
                                    .map(inner -> Map.of(TYPE, nameOf(inner)))
                                    .toList());
        } else {
            struct(entity(name, "object"), (Struct) shape);
        }
    }

    private void struct(Map<String, Object> entity, Struct struct) {
        List<Object> members = new ArrayList<>();
        for (Member member : struct.members()) {
            Map<String, Object> described = new LinkedHashMap<>();
            described.put(NAME, member.name());
            described.put(TYPE, nameOf(member.shape()));
            if (member.optional()) {
                described.put("default", JsonNull.NULL);
            }
            members.add(described);
        }
        entity.put(MEMBERS, members);
        if (struct.variants().isPresent()) {
            Variants variants = struct.variants().get();
            List<Object> cases = new ArrayList<>();
            for (String which : variants.cases()) {
                cases.add(Map.of("case", which, TYPE, nameOf(variants.variant().apply(which))));
            }
            entity.put("tag", variants.tag());
            entity.put("variants", cases);
        }
    }
}
