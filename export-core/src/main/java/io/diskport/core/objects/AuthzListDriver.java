package io.diskport.core.objects;

import io.diskport.api.ProvidesDriver;
import io.diskport.api.object.Authorization;
import io.diskport.api.object.BlockObject;
import io.diskport.api.object.BlockObjectDriver;
import io.diskport.api.object.ObjectContext;
import io.diskport.api.options.Option;
import java.util.List;
import java.util.function.Predicate;
import org.osgi.service.component.annotations.Component;

/** Makes authorizations by lists of rules, of which the first that matches decides. */
@Component(
        service = BlockObjectDriver.class,
        property = BlockObjectDriver.TYPE_PROPERTY + "=authz-list")
@ProvidesDriver(kind = "object", type = "authz-list")
public final class AuthzListDriver implements BlockObjectDriver<AuthzListDriver.Options> {
    /** What becomes of a peer. */
    public enum Policy {
        /** It is refused. */
        DENY,
        /** It is let in. */
        ALLOW
    }

    /** How a rule is compared with a peer. */
    public enum Format {
        /** As it is written. */
        EXACT,
        /** As a pattern of a shell: {@code *}, {@code ?}, {@code [a-z]}, {@code [!a]}. */
        GLOB
    }

    /**
     * A rule.
     *
     * @param match whom it is about
     * @param policy what becomes of them
     * @param format how they are written
     */
    public record Rule(
            @Option(description = "whom it is about", example = "CN=*,,O=Example") String match,
            @Option(description = "what becomes of them") Policy policy,
            @Option(description = "how they are written", defaultValue = "exact") Format format) {
        /** Checks that it is about somebody. */
        public Rule {
            if (match.isEmpty()) {
                throw new IllegalArgumentException("Option 'match' of a rule cannot be empty");
            }
        }
    }

    /**
     * The options of a list.
     *
     * @param policy what becomes of peers that no rule is about
     * @param rules in their order
     */
    public record Options(
            @Option(
                            description = "what becomes of peers that no rule is about",
                            defaultValue = "deny")
                    Policy policy,
            @Option(description = "rules, of which the first that matches decides")
                    List<Rule> rules) {}

    @Override
    public Class<Options> optionsType() {
        return Options.class;
    }

    @Override
    public Class<? extends BlockObject> contract() {
        return Authorization.class;
    }

    @Override
    public BlockObject create(ObjectContext context, Options options) {
        List<Compiled> rules = options.rules().stream().map(Compiled::of).toList();
        boolean otherwise = options.policy() == Policy.ALLOW;
        boolean everybody = isForEverybody(rules, otherwise);
        return (Authorization)
                identity -> {
                    // Nobody knows which rule is about a peer that does not say who it is.
                    if (identity.isEmpty()) {
                        return everybody;
                    }
                    return rules.stream()
                            .filter(rule -> rule.matches().test(identity))
                            .findFirst()
                            .map(Compiled::allows)
                            .orElse(otherwise);
                };
    }

    private static boolean isForEverybody(List<Compiled> rules, boolean otherwise) {
        for (Compiled rule : rules) {
            // A pattern that matches nothing at all is of stars only, and matches everything.
            if (!rule.allows() || rule.matches().test("")) {
                return rule.allows();
            }
        }
        return otherwise;
    }

    private record Compiled(Predicate<String> matches, boolean allows) {
        static Compiled of(Rule rule) {
            return new Compiled(
                    rule.format() == Format.EXACT
                            ? rule.match()::equals
                            : new Glob(rule.match())::matches,
                    rule.policy() == Policy.ALLOW);
        }
    }
}
