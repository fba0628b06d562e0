package io.diskport.qmp;

import io.diskport.api.BlockException;
import io.diskport.api.manage.DriverEntry;
import io.diskport.api.manage.DriverManager;
import io.diskport.api.manage.Kind;
import io.diskport.api.manage.OptionMember;
import io.diskport.api.manage.OptionShape;
import io.diskport.qmp.Shape.Member;
import io.diskport.qmp.Shape.Struct;
import io.diskport.qmp.Shape.Variants;
import io.diskport.qmp.Shape.Words;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the options of nodes, exports and objects are at this moment, by the drivers that are there.
 *
 * <p>For one request: drivers come and go.
 */
final class Vocabulary {
    private static final Shape DURATION =
            new Shape.Alternate("duration", List.of(Shape.STRING, Shape.INTEGER));

    private final DriverManager drivers;
    private final Map<Kind, Struct> unions = new EnumMap<>(Kind.class);

    Vocabulary(DriverManager drivers) {
        this.drivers = drivers;
    }

    /** The option that tells which driver is meant. */
    static String tag(Kind kind) {
        return switch (kind) {
            case EXPORT -> "type";
            case NODE -> "driver";
            case OBJECT -> "qom-type";
        };
    }

    /** The types that are served now. */
    List<String> types(Kind kind) {
        return drivers.list().stream()
                .filter(driver -> driver.kind() == kind)
                .filter(driver -> driver.state() == DriverEntry.State.SERVING)
                .map(DriverEntry::type)
                .distinct()
                .toList();
    }

    /** The options of everything of a kind. */
    Struct union(Kind kind) {
        Struct known = unions.get(kind);
        if (known == null) {
            known = makeUnion(kind);
            unions.put(kind, known);
        }
        return known;
    }

    /** A node's name, or the options of one to make. */
    private Shape blockdevRef() {
        return new Shape.Alternate(
                "BlockdevRef", List.of(new Shape.Later(() -> union(Kind.NODE)), Shape.STRING));
    }

    private Struct makeUnion(Kind kind) {
        String tag = tag(kind);
        List<String> types = types(kind);
        List<Member> base = new ArrayList<>();
        for (OptionMember option : drivers.commonMembers(kind)) {
            boolean isTag = option.name().equals(tag);
            // A name is made for a node inside another; that the others need one is said later.
            boolean optional =
                    !option.required() || "node-name".equals(option.name()) && isNode(kind);
            base.add(
                    isTag
                            ? Member.required(tag, new Words(types, type -> refusal(kind, type)))
                            : new Member(option.name(), shape(kind, option.shape()), optional));
        }
        Map<String, Struct> variants = new HashMap<>();
        return new Struct(
                base,
                new Variants(
                        tag, types, type -> variants.computeIfAbsent(type, t -> variant(kind, t))));
    }

    private static boolean isNode(Kind kind) {
        return kind == Kind.NODE;
    }

    private Struct variant(Kind kind, String type) {
        try {
            return new Struct(members(kind, drivers.ownMembers(kind, type)));
        } catch (BlockException e) {
            // It has left meanwhile, which whoever uses it will be told.
            return Shape.EMPTY;
        }
    }

    /** Why a type that somebody has heard of is not served. */
    private Optional<String> refusal(Kind kind, String type) {
        boolean heardOf =
                drivers.list().stream()
                        .anyMatch(driver -> driver.kind() == kind && driver.type().equals(type));
        if (!heardOf) {
            return Optional.empty();
        }
        try {
            drivers.ownMembers(kind, type);
            return Optional.empty();
        } catch (BlockException e) {
            return Optional.of(e.getMessage());
        }
    }

    /** The members that options are. */
    List<Member> members(Kind kind, List<OptionMember> options) {
        return options.stream()
                .map(
                        option ->
                                new Member(
                                        option.name(),
                                        shape(kind, option.shape()),
                                        !option.required()))
                .toList();
    }

    private Shape shape(Kind kind, OptionShape shape) {
        if (shape instanceof OptionShape.Value value) {
            return switch (value.type()) {
                case BOOLEAN -> Shape.BOOLEAN;
                case INTEGER, SIZE -> Shape.INTEGER;
                case DURATION -> DURATION;
                case NODE -> isNode(kind) ? blockdevRef() : Shape.STRING;
                case TEXT, PATH, OBJECT -> Shape.STRING;
            };
        }
        if (shape instanceof OptionShape.OneOf words) {
            return Words.of(words.words());
        }
        if (shape instanceof OptionShape.ListOf list) {
            return new Shape.Array(shape(kind, list.element()));
        }
        if (shape instanceof OptionShape.Group group) {
            return new Struct(members(kind, group.members()));
        }
        OptionShape.Alternatives choice = (OptionShape.Alternatives) shape;
        List<String> cases = List.copyOf(choice.cases().keySet());
        Map<String, Struct> variants = new HashMap<>();
        choice.cases()
                .forEach((word, options) -> variants.put(word, new Struct(members(kind, options))));
        return new Struct(
                List.of(Member.required(choice.discriminator(), Words.of(cases))),
                new Variants(choice.discriminator(), cases, variants::get));
    }
}
