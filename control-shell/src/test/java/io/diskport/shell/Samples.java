package io.diskport.shell;

import io.diskport.api.BlockException;
import io.diskport.api.export.ExportInfo;
import io.diskport.api.export.Latency;
import io.diskport.api.export.RequestStats;
import io.diskport.api.manage.BlockStats;
import io.diskport.api.manage.ClientEntry;
import io.diskport.api.manage.DriverEntry;
import io.diskport.api.manage.DriverManager;
import io.diskport.api.manage.EntryState;
import io.diskport.api.manage.ExportEntry;
import io.diskport.api.manage.Kind;
import io.diskport.api.manage.NodeEntry;
import io.diskport.api.manage.ObjectEntry;
import io.diskport.api.manage.OptionEntry;
import io.diskport.api.manage.OptionMember;
import io.diskport.api.manage.OptionService;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What managers could show. */
final class Samples {
    static final ExportEntry DISK =
            new ExportEntry(
                    "disk",
                    "fuse",
                    "image",
                    true,
                    EntryState.RUNNING,
                    "",
                    true,
                    Map.of("mountpoint", "/srv/disk", "writable", true),
                    new ExportInfo(
                            "/srv/disk",
                            Map.of("engine", "jnr-fuse"),
                            List.of(
                                    new RequestStats(
                                            "LOOKUP",
                                            7,
                                            0,
                                            0,
                                            new Latency(12_500, 11_000, 99_000, 2_000_000)),
                                    new RequestStats("FSYNC", 0, 0, 0, Latency.NONE),
                                    new RequestStats("READ", 0, 0, 1, Latency.NONE),
                                    new RequestStats("SETXATTR", 0, 12_345, 0, Latency.NONE))),
                    new BlockStats(
                            12_345,
                            200,
                            256L << 20,
                            1536,
                            3,
                            0,
                            1,
                            2,
                            new Latency(12_500, 11_000, 99_000, 2_000_000),
                            new Latency(900, 800, 950, 999),
                            Latency.NONE),
                    List.of(new ClientEntry("handle 7", Map.of("pid", "42"), 12_545, 1L << 30)));

    static final ExportEntry NET =
            new ExportEntry(
                    "net",
                    "nbd",
                    "image",
                    false,
                    EntryState.WAITING,
                    "no driver of type nbd serves: deploy driver-nbd.jar",
                    false,
                    Map.of(),
                    new ExportInfo(
                            "", Map.of(), List.of(new RequestStats("READ", 0, 0, 0, Latency.NONE))),
                    new BlockStats(
                            0, 0, 0, 0, 0, 0, 0, 0, Latency.NONE, Latency.NONE, Latency.NONE),
                    List.of());

    static final NodeEntry IMAGE =
            new NodeEntry(
                    "image",
                    "file",
                    256L << 20,
                    4096,
                    false,
                    EntryState.RUNNING,
                    "",
                    true,
                    Map.of("filename", "/srv/disk.raw", "cache", Map.of("direct", true)),
                    Map.of(),
                    List.of(),
                    List.of("export 'disk' (read, write)", "export 'net' (read)"));

    static final NodeEntry FAR =
            new NodeEntry(
                    "far",
                    "rbd",
                    -1,
                    -1,
                    false,
                    EntryState.WAITING,
                    "no driver 'rbd'",
                    true,
                    Map.of(),
                    Map.of(),
                    List.of(),
                    List.of());

    static final ObjectEntry KEY =
            new ObjectEntry(
                    "key",
                    "secret",
                    EntryState.RUNNING,
                    "",
                    false,
                    Map.of("format", "raw"),
                    Map.of(),
                    List.of());

    private Samples() {}

    static DriverEntry driver(Kind kind, String type, DriverEntry.State state, String reason) {
        return new DriverEntry(
                kind, type, "io.diskport." + kind + "-" + type, "0.1.0", 0, state, reason);
    }

    /** Every type has one option, which names the kind. */
    static DriverManager drivers(DriverEntry... entries) {
        return new DriverManager() {
            @Override
            public List<DriverEntry> list() {
                return List.of(entries);
            }

            @Override
            public List<OptionEntry> options(Kind kind, String type) {
                return List.of(
                        new OptionEntry(
                                "filename",
                                "path",
                                true,
                                "",
                                "of a " + kind,
                                List.of(),
                                OptionEntry.Form.PATH),
                        new OptionEntry(
                                "locking",
                                "choice",
                                false,
                                "auto",
                                "whether others are kept out",
                                List.of("auto", "on", "off"),
                                OptionEntry.Form.CHOICE));
            }

            @Override
            public List<OptionMember> commonMembers(Kind kind) {
                return List.of();
            }

            @Override
            public List<OptionMember> ownMembers(Kind kind, String type) {
                return List.of();
            }

            @Override
            public AutoCloseable watch(Runnable listener) {
                return () -> {};
            }
        };
    }

    /** Parses one key=value a word, and completes to what it was asked for. */
    static OptionService options() {
        return new OptionService() {
            @Override
            public Map<String, Object> parse(String text, String impliedKey) throws BlockException {
                return parse(List.of(text), impliedKey);
            }

            @Override
            public Map<String, Object> parse(List<String> texts, String impliedKey)
                    throws BlockException {
                Map<String, Object> options = new LinkedHashMap<>();
                for (String text : texts) {
                    String[] pair = text.contains("=") ? text.split("=") : null;
                    options.put(pair == null ? impliedKey : pair[0], pair == null ? text : pair[1]);
                }
                return options;
            }

            @Override
            public void check(Kind kind, Map<String, ?> options) {
                throw new UnsupportedOperationException();
            }

            @Override
            public List<String> complete(Kind kind, List<String> given, String word) {
                return List.of(kind + " " + given + " " + word);
            }
        };
    }
}
