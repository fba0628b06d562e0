package io.diskport.qmp;

import io.diskport.qmp.Shape.Member;
import io.diskport.qmp.Shape.Struct;
import io.diskport.qmp.Shape.Variants;
import io.diskport.qmp.Shape.Words;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Refuses arguments that have not the shape they should, in the words of QEMU's visitors. */
final class ArgumentCheck {
    private ArgumentCheck() {}

    /** Checks arguments. */
    static void check(Map<String, Object> arguments, Struct shape) throws QmpException {
        object("", arguments, shape);
    }

    private static void object(String prefix, Map<String, Object> given, Struct shape)
            throws QmpException {
        Set<String> known = new HashSet<>();
        members(prefix, given, shape, known);
        for (String name : given.keySet()) {
            if (!known.contains(name)) {
                throw new QmpException("Parameter '" + prefix + name + "' is unexpected");
            }
        }
    }

    private static void members(
            String prefix, Map<String, Object> given, Struct shape, Set<String> known)
            throws QmpException {
        for (Member member : shape.members()) {
            known.add(member.name());
            Object value = given.get(member.name());
            if (value != null) {
                value(prefix + member.name(), member.name(), value, member.shape());
            } else if (!member.optional()) {
                throw new QmpException("Parameter '" + prefix + member.name() + "' is missing");
            }
        }
        if (shape.variants().isPresent()) {
            Variants variants = shape.variants().get();
            String which = (String) given.get(variants.tag());
            members(prefix, given, variants.variant().apply(which), known);
        }
    }

    private static void value(String path, String name, Object value, Shape unresolved)
            throws QmpException {
        Shape shape = unresolved.resolve();
        if (shape instanceof Shape.Alternate alternate) {
            alternate(path, name, value, alternate);
            return;
        }
        if (!fits(value, shape)) {
            throw new QmpException(
                    "Invalid parameter type for '" + path + "', expected: " + expected(shape));
        }
        if (shape instanceof Words words && !words.words().contains((String) value)) {
            // The name alone, which is what tools have seen so far.
            throw new QmpException(
                    words.refusal()
                            .apply((String) value)
                            .orElse(
                                    "Parameter '"
                                            + name
                                            + "' does not accept value '"
                                            + value
                                            + "'"));
        }
        if (shape instanceof Struct struct) {
            object(path + '.', Request.asObject(value), struct);
        } else if (shape instanceof Shape.Array array) {
            int index = 0;
            for (Object element : (List<?>) value) {
                String at = path + '[' + index + ']';
                value(at, at, element, array.element());
                index++;
            }
        }
    }

    private static void alternate(String path, String name, Object value, Shape.Alternate alternate)
            throws QmpException {
        for (Shape shape : alternate.shapes()) {
            if (fits(value, shape.resolve())) {
                value(path, name, value, shape);
                return;
            }
        }
        throw new QmpException(
                "Invalid parameter type for '" + path + "', expected: " + alternate.expected());
    }

    private static boolean fits(Object value, Shape shape) {
        if (shape instanceof Shape.Builtin builtin) {
            return switch (builtin.name()) {
                case "str" -> value instanceof String;
                case "int" -> value instanceof Long;
                case "number" -> value instanceof Long || value instanceof Double;
                case "bool" -> value instanceof Boolean;
                default -> true;
            };
        }
        if (shape instanceof Words) {
            return value instanceof String;
        }
        return shape instanceof Struct ? value instanceof Map<?, ?> : value instanceof List<?>;
    }

    private static String expected(Shape shape) {
        if (shape instanceof Shape.Builtin builtin) {
            return builtin.expected();
        }
        if (shape instanceof Words) {
            return Shape.STRING.expected();
        }
        return shape instanceof Struct ? "object" : "array";
    }
}
