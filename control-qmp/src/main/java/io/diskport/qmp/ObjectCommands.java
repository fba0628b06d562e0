package io.diskport.qmp;

import io.diskport.api.BlockException;
import io.diskport.api.manage.DriverManager;
import io.diskport.api.manage.Kind;
import io.diskport.api.manage.ObjectEntry;
import io.diskport.api.manage.ObjectManager;
import io.diskport.api.manage.OptionMember;
import io.diskport.api.manage.OptionShape;
import io.diskport.qmp.QmpException.ErrorClass;
import io.diskport.qmp.Shape.Array;
import io.diskport.qmp.Shape.Member;
import io.diskport.qmp.Shape.Struct;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The commands about objects, and QEMU's tree of them as far as it is ours. */
final class ObjectCommands {
    private static final String ID = "id";
    private static final String NAME = "name";
    private static final String TYPE = "type";
    private static final String PARENT = "object";
    private static final String OBJECTS = "/objects";

    /** Where QEMU has what its monitors speak on. */
    private static final String CHARDEVS = "/chardevs";

    private static final Struct PROPERTY =
            Struct.of(
                    Member.required(NAME, Shape.STRING),
                    Member.required(TYPE, Shape.STRING),
                    Member.optional("description", Shape.STRING),
                    Member.optional("default-value", Shape.ANY));

    private static final Struct TYPE_INFO =
            Struct.of(
                    Member.required(NAME, Shape.STRING),
                    Member.optional("abstract", Shape.BOOLEAN),
                    Member.optional("parent", Shape.STRING));

    private final ObjectManager objects;
    private final DriverManager drivers;

    ObjectCommands(ObjectManager objects, DriverManager drivers) {
        this.objects = objects;
        this.drivers = drivers;
    }

    List<Command> all() {
        return List.of(
                SimpleCommand.of(
                        "qom-list",
                        Struct.of(Member.required("path", Shape.STRING)),
                        new Array(PROPERTY),
                        this::properties),
                SimpleCommand.of(
                        "qom-list-types",
                        Struct.of(
                                Member.optional("implements", Shape.STRING),
                                Member.optional("abstract", Shape.BOOLEAN)),
                        new Array(TYPE_INFO),
                        this::types),
                new SimpleCommand(
                        "object-add",
                        vocabulary -> vocabulary.union(Kind.OBJECT),
                        vocabulary -> Shape.EMPTY,
                        this::add),
                SimpleCommand.of(
                        "object-del", Struct.of(Member.required(ID, Shape.STRING)), this::delete));
    }

    private Object add(Call call) throws QmpException, BlockException {
        String id = call.text(ID);
        if (objects.find(id).isPresent()) {
            throw new QmpException(
                    "attempt to add duplicate property '" + id + "' to object (type 'container')");
        }
        objects.add(call.arguments());
        return Command.NOTHING;
    }

    private Object delete(Call call) throws QmpException, BlockException {
        String id = call.text(ID);
        if (id.equals(call.client().monitor())) {
            throw new QmpException(
                    "object '" + id + "' is in use, can not be deleted: it is this monitor");
        }
        objects.delete(id);
        return Command.NOTHING;
    }

    private Object types(Call call) {
        String wanted = call.text("implements");
        boolean all = wanted.isEmpty() || Set.of(PARENT, "user-creatable").contains(wanted);
        return call.vocabulary().types(Kind.OBJECT).stream()
                .filter(type -> all || type.equals(wanted))
                .map(type -> Map.of(NAME, type, "parent", PARENT))
                .toList();
    }

    private Object properties(Call call) throws QmpException, BlockException {
        String path = call.text("path");
        List<Object> properties = new ArrayList<>();
        properties.add(property(TYPE, "string"));
        if (path.isEmpty()) {
            throw new QmpException("Path '' is ambiguous");
        }
        if (path.equals("/")) {
            properties.add(property("objects", "child<container>"));
            properties.add(property("chardevs", "child<container>"));
        } else if (path.equals(OBJECTS) || path.equals(CHARDEVS)) {
            objects.list().stream()
                    .filter(object -> folder(object).equals(path))
                    .map(object -> property(object.id(), "child<" + object.type() + '>'))
                    .forEach(properties::add);
        } else {
            ObjectEntry object =
                    at(path).orElseThrow(
                                    () ->
                                            new QmpException(
                                                    ErrorClass.DEVICE_NOT_FOUND,
                                                    "Device '" + path + "' not found"));
            for (OptionMember option : drivers.ownMembers(Kind.OBJECT, object.type())) {
                properties.add(property(option.name(), typeName(option.shape())));
            }
        }
        return properties;
    }

    /** The object of an absolute path, or of a partial one, which is its id. */
    private Optional<ObjectEntry> at(String path) {
        return objects.list().stream()
                .filter(
                        object ->
                                path.equals(object.id())
                                        || path.equals(folder(object) + '/' + object.id()))
                .findFirst();
    }

    private static String folder(ObjectEntry object) {
        return object.type().equals(MonitorDriver.TYPE) ? CHARDEVS : OBJECTS;
    }

    private static Map<String, Object> property(String name, String type) {
        return Map.of(NAME, name, TYPE, type);
    }

    private static String typeName(OptionShape shape) {
        if (!(shape instanceof OptionShape.Value value)) {
            return shape instanceof OptionShape.OneOf ? "enum" : "struct";
        }
        return switch (value.type()) {
            case BOOLEAN -> "bool";
            case INTEGER, SIZE -> "int";
            default -> "string";
        };
    }
}
