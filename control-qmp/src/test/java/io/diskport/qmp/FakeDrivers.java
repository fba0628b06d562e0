package io.diskport.qmp;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.manage.DriverEntry;
import io.diskport.api.manage.DriverEntry.State;
import io.diskport.api.manage.DriverManager;
import io.diskport.api.manage.Kind;
import io.diskport.api.manage.OptionEntry;
import io.diskport.api.manage.OptionMember;
import io.diskport.api.manage.OptionShape;
import io.diskport.api.manage.OptionShape.Type;
import io.diskport.api.manage.OptionShape.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A few types of everything. */
final class FakeDrivers implements DriverManager {
    private final Map<Kind, Map<String, List<OptionMember>>> types = new LinkedHashMap<>();
    private final List<DriverEntry> entries = new ArrayList<>();

    FakeDrivers() {
        node("file", text("filename", true));
        node(
                "raw",
                new OptionMember("file", new Value(Type.NODE), true, "", "", false),
                option("offset", Type.SIZE));
        node("null-co", option("size", Type.SIZE), option("latency", Type.DURATION));
        add(Kind.EXPORT, "nbd", text("server", false), text("name", false));
        add(Kind.EXPORT, "fuse", text("mountpoint", true), option("growable", Type.BOOLEAN));
        add(Kind.OBJECT, "secret", text("data", false));
        add(
                Kind.OBJECT,
                "nbd-server",
                new OptionMember(
                        "addr",
                        new OptionShape.Alternatives(
                                "type",
                                Map.of(
                                        "unix",
                                        List.of(text("path", true)),
                                        "inet",
                                        List.of(option("port", Type.INTEGER)))),
                        true,
                        "",
                        "",
                        false),
                option("max-connections", Type.INTEGER));
        add(
                Kind.OBJECT,
                "authz-list",
                new OptionMember(
                        "rules",
                        new OptionShape.ListOf(
                                new OptionShape.Group(
                                        List.of(
                                                text("match", true),
                                                new OptionMember(
                                                        "policy",
                                                        new OptionShape.OneOf(
                                                                List.of("deny", "allow")),
                                                        true,
                                                        "",
                                                        "",
                                                        false)))),
                        false,
                        "",
                        "",
                        false));
        entries.add(
                new DriverEntry(
                        Kind.EXPORT, "rbd", "b", "1", 0, State.NOT_IN_SERVICE, "no librbd"));
    }

    private void node(String type, OptionMember... own) {
        add(Kind.NODE, type, own);
    }

    /** What deploying a bundle does. */
    void add(Kind kind, String type, OptionMember... own) {
        types.computeIfAbsent(kind, k -> new LinkedHashMap<>()).put(type, List.of(own));
        entries.add(new DriverEntry(kind, type, "b", "1", 0, State.SERVING, ""));
    }

    static OptionMember text(String name, boolean required) {
        return new OptionMember(name, new Value(Type.TEXT), required, "", "", false);
    }

    static OptionMember option(String name, Type type) {
        return new OptionMember(name, new Value(type), false, "", "", false);
    }

    @Override
    public List<DriverEntry> list() {
        return entries;
    }

    @Override
    public List<OptionEntry> options(Kind kind, String type) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<OptionMember> commonMembers(Kind kind) {
        return switch (kind) {
            case EXPORT ->
                    List.of(
                            text("type", true),
                            text("id", true),
                            new OptionMember(
                                    "node-name", new Value(Type.NODE), true, "", "", false),
                            option("writable", Type.BOOLEAN),
                            text("iothread", false));
            case NODE ->
                    List.of(
                            text("driver", true),
                            text("node-name", true),
                            option("read-only", Type.BOOLEAN),
                            new OptionMember(
                                    "discard",
                                    new OptionShape.OneOf(List.of("ignore", "unmap")),
                                    false,
                                    "ignore",
                                    "",
                                    false),
                            new OptionMember(
                                    "cache",
                                    new OptionShape.Group(
                                            List.of(
                                                    option("direct", Type.BOOLEAN),
                                                    option("no-flush", Type.BOOLEAN))),
                                    false,
                                    "",
                                    "",
                                    false));
            case OBJECT -> List.of(text("qom-type", true), text("id", true));
        };
    }

    @Override
    public List<OptionMember> ownMembers(Kind kind, String type) throws BlockException {
        List<OptionMember> own = types.get(kind).get(type);
        if (own == null) {
            throw new BlockException(Reason.UNAVAILABLE, "The driver for " + type + " waits");
        }
        return own;
    }

    @Override
    public AutoCloseable watch(Runnable listener) {
        return () -> {};
    }
}
