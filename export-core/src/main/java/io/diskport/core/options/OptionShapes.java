package io.diskport.core.options;

import io.diskport.api.manage.OptionMember;
import io.diskport.api.manage.OptionShape;
import io.diskport.api.manage.OptionShape.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Describes the options of records as they are nested, for programs. */
public final class OptionShapes {
    private OptionShapes() {}

    /** The options of a record, in their order. */
    public static List<OptionMember> of(Class<?> record) {
        List<OptionMember> members = new ArrayList<>();
        for (OptionField field : OptionField.of(record)) {
            OptionField inner = field;
            boolean required = field.defaultValue().isEmpty() && !field.onlyOne();
            if (inner.isOptional()) {
                inner = inner.element();
                required = false;
            }
            OptionShape shape = shape(inner);
            members.add(
                    new OptionMember(
                            field.name(),
                            shape,
                            required && isNeeded(shape),
                            field.secret() ? "" : field.defaultValue(),
                            field.description(),
                            field.secret()));
        }
        return members;
    }

    /**
     * Whether an option that nothing is said of has to be given, as {@link RecordBinder} sees it.
     */
    private static boolean isNeeded(OptionShape shape) {
        if (shape instanceof OptionShape.Group group) {
            return group.members().stream().anyMatch(OptionMember::required);
        }
        return !(shape instanceof OptionShape.ListOf);
    }

    private static OptionShape shape(OptionField field) {
        if (field.isOptional()) {
            return shape(field.element());
        }
        if (field.isList()) {
            return new OptionShape.ListOf(shape(field.element()));
        }
        Class<?> raw = field.raw();
        if (OptionField.isNested(raw)) {
            return new OptionShape.Group(of(raw));
        }
        if (OptionField.isChoice(raw)) {
            Map<String, List<OptionMember>> cases = new LinkedHashMap<>();
            OptionField.alternatives(raw).forEach((word, record) -> cases.put(word, of(record)));
            return new OptionShape.Alternatives(OptionField.discriminator(raw), cases);
        }
        return raw.isEnum()
                ? new OptionShape.OneOf(OptionValue.values(raw))
                : new OptionShape.Value(type(raw));
    }

    private static Type type(Class<?> raw) {
        return switch (raw.getSimpleName()) {
            case "boolean", "Boolean" -> Type.BOOLEAN;
            case "int", "Integer", "long", "Long" -> Type.INTEGER;
            case "ByteSize" -> Type.SIZE;
            case "Duration" -> Type.DURATION;
            case "Path" -> Type.PATH;
            case "NodeRef" -> Type.NODE;
            case "ObjectRef" -> Type.OBJECT;
            default -> Type.TEXT;
        };
    }
}
