package io.diskport.testkit;

import io.diskport.api.BlockException;
import io.diskport.api.manage.DriverManager;
import io.diskport.api.manage.Kind;
import io.diskport.api.manage.OptionMember;
import io.diskport.api.manage.OptionShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Values that a driver's own options must not take, and values at the edge of what they can be. */
final class OptionProbes {
    /**
     * A value to try.
     *
     * @param option its dotted name
     * @param value what it is given
     * @param named what a refusal has to name
     */
    record Probe(String option, Object value, String named) {}

    private final List<Probe> wrong = new ArrayList<>();
    private final List<Probe> boundaries = new ArrayList<>();

    OptionProbes(DriverManager drivers, Kind kind, String type) throws BlockException {
        drivers.ownMembers(kind, type).forEach(member -> probe("", member));
    }

    /** What is of the wrong type, or out of every range. */
    List<Probe> wrong() {
        return List.copyOf(wrong);
    }

    /** What may be right, and may be refused. */
    List<Probe> boundaries() {
        return List.copyOf(boundaries);
    }

    private void probe(String prefix, OptionMember member) {
        String name = prefix + member.name();
        OptionShape shape = member.shape();
        if (shape instanceof OptionShape.ListOf list) {
            shape = list.element();
        }
        if (shape instanceof OptionShape.Value value) {
            probe(name, value.type());
        } else if (shape instanceof OptionShape.OneOf) {
            wrong(name, "no-such-word", Map.of("no", "value"));
        } else if (shape instanceof OptionShape.Group group) {
            wrong(name, "text");
            group.members().forEach(inner -> probe(name + '.', inner));
        } else if (shape instanceof OptionShape.Alternatives alternatives) {
            wrong(name, "text");
            wrong(name + '.' + alternatives.discriminator(), "no-such-word");
            alternatives
                    .cases()
                    .values()
                    .forEach(inner -> inner.forEach(one -> probe(name + '.', one)));
        }
    }

    private void probe(String name, OptionShape.Type type) {
        switch (type) {
            case TEXT, PATH -> wrong(name, Map.of("no", "value"));
            case BOOLEAN -> wrong(name, "perhaps", Map.of("no", "value"));
            case INTEGER -> {
                wrong(name, "many", "1.5", "9223372036854775808", Map.of("no", "value"));
                boundaries(
                        name, 0, -1, Integer.MAX_VALUE, 1L << 31, Long.MIN_VALUE, Long.MAX_VALUE);
            }
            case SIZE -> {
                wrong(name, "large", "-1", "8E", Map.of("no", "value"));
                boundaries(name, 0, 1, 511, Long.MAX_VALUE);
            }
            case DURATION -> {
                wrong(name, "soon", "-1s", "293y", Map.of("no", "value"));
                boundaries(name, "0s", "1ns", "9223372036s");
            }
            case NODE, OBJECT -> wrong.add(new Probe(name, "no-such-one", "no-such-one"));
        }
    }

    /** What is nested is named by what it is nested in: that may be what is missing. */
    private void wrong(String name, Object... values) {
        for (Object value : values) {
            wrong.add(new Probe(name, value, name.substring(0, (name + '.').indexOf('.'))));
        }
    }

    private void boundaries(String name, Object... values) {
        String named = name.substring(name.lastIndexOf('.') + 1);
        for (Object value : values) {
            boundaries.add(new Probe(name, value.toString(), named));
        }
    }
}
