package io.diskport.core.life;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.manage.DriverEntry;
import io.diskport.api.manage.DriverEntry.State;
import io.diskport.api.manage.DriverManager;
import io.diskport.api.manage.Kind;
import io.diskport.api.manage.OptionEntry;
import io.diskport.api.manage.OptionMember;
import io.diskport.core.options.OptionSchema;
import io.diskport.core.options.OptionShapes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.osgi.framework.Bundle;

/** The manager of drivers, and the one who knows why one does not serve. */
final class Drivers implements DriverManager {
    private final Graph graph;
    private final Changes changes;
    private final DriverReasons reasons;

    Drivers(Graph graph, Changes changes, DriverReasons reasons) {
        this.graph = graph;
        this.changes = changes;
        this.reasons = reasons;
    }

    @Override
    public List<DriverEntry> list() {
        List<DriverRef> there = graph.drivers();
        List<DriverEntry> entries = new ArrayList<>();
        for (DriverRef driver : there) {
            DriverRef.Identity identity = driver.identity();
            boolean serves = graph.serving(identity.kind(), identity.type()).orElse(null) == driver;
            State state =
                    driver.isPlaceholder()
                            ? State.PLACEHOLDER
                            : serves ? State.SERVING : State.STANDBY;
            entries.add(
                    new DriverEntry(
                            identity.kind(),
                            identity.type(),
                            identity.bundle(),
                            identity.version().toString(),
                            identity.ranking(),
                            state,
                            placeholderReason(driver)));
        }
        for (DriverReasons.Declared declared : reasons.declared()) {
            if (there.stream().noneMatch(declared::isThat)) {
                entries.add(
                        new DriverEntry(
                                declared.kind(),
                                declared.type(),
                                String.valueOf(declared.bundle().getSymbolicName()),
                                declared.bundle().getVersion().toString(),
                                0,
                                State.NOT_IN_SERVICE,
                                reasons.why(declared)));
            }
        }
        entries.sort(
                Comparator.comparing(DriverEntry::kind)
                        .thenComparing(DriverEntry::type)
                        .thenComparing(DriverEntry::state));
        return List.copyOf(entries);
    }

    private String placeholderReason(DriverRef driver) {
        DriverRef.Identity identity = driver.identity();
        return driver.isPlaceholder()
                ? graph.serving(identity.kind(), identity.type())
                        .map(serving -> "not needed: " + serving.identity().bundle() + " serves")
                        .orElse(identity.placeholder())
                : "";
    }

    /** Why no driver serves a type, and what to do. */
    String whyNone(Kind kind, String type) {
        Optional<String> lacking = reasons.lacking(kind, type);
        if (lacking.isPresent()) {
            return lacking.get();
        }
        for (DriverReasons.Declared declared : reasons.declared()) {
            if (declared.kind() == kind
                    && declared.type().equals(type)
                    && declared.bundle().getState() != Bundle.STOPPING
                    && declared.bundle().getState() != Bundle.RESOLVED
                    && graph.placeholder(kind, type).filter(declared::isThat).isEmpty()) {
                return "The driver for "
                        + what(kind, type)
                        + " in bundle "
                        + declared.bundle().getSymbolicName()
                        + " is not in service: "
                        + reasons.why(declared);
            }
        }
        return graph.placeholder(kind, type)
                .map(placeholder -> placeholder.identity().placeholder())
                .orElseGet(
                        () ->
                                "No driver for "
                                        + what(kind, type)
                                        + " is there; put its bundle into deploy/"
                                        + there(kind));
    }

    private String there(Kind kind) {
        List<String> types = graph.types(kind);
        return types.isEmpty() ? "" : ". There are: " + String.join(", ", types);
    }

    private static String what(Kind kind, String type) {
        return kind == Kind.NODE ? "nodes of kind '" + type + "'" : kind + " type '" + type + "'";
    }

    @Override
    public List<OptionEntry> options(Kind kind, String type) throws BlockException {
        return OptionSchema.of(CommonOptions.types(serving(kind, type)));
    }

    @Override
    public List<OptionMember> commonMembers(Kind kind) {
        return CommonOptions.common(kind).stream()
                .flatMap(record -> OptionShapes.of(record).stream())
                .toList();
    }

    @Override
    public List<OptionMember> ownMembers(Kind kind, String type) throws BlockException {
        return OptionShapes.of(serving(kind, type).optionsType());
    }

    private DriverRef serving(Kind kind, String type) throws BlockException {
        return graph.serving(kind, type)
                .orElseThrow(() -> new BlockException(Reason.UNAVAILABLE, whyNone(kind, type)));
    }

    @Override
    public AutoCloseable watch(Runnable listener) {
        return changes.watchDrivers(listener);
    }
}
