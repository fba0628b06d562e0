package io.diskport.qmp;

import io.diskport.api.manage.NodeEntry;
import io.diskport.qmp.Shape.Member;
import io.diskport.qmp.Shape.Struct;
import io.diskport.qmp.Shape.Words;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What is told of nodes that are open. */
final class NodeReport {
    private static final Struct IMAGE =
            Struct.of(
                    Member.required("filename", Shape.STRING),
                    Member.required("format", Shape.STRING),
                    Member.optional("dirty-flag", Shape.BOOLEAN),
                    Member.optional("actual-size", Shape.INTEGER),
                    Member.required("virtual-size", Shape.INTEGER));

    private static final Struct CACHE =
            Struct.of(
                    Member.required("writeback", Shape.BOOLEAN),
                    Member.required("direct", Shape.BOOLEAN),
                    Member.required("no-flush", Shape.BOOLEAN));

    /** Of a node. */
    static final Struct NODE =
            Struct.of(
                    Member.required("file", Shape.STRING),
                    Member.required("node-name", Shape.STRING),
                    Member.required("ro", Shape.BOOLEAN),
                    Member.required("drv", Shape.STRING),
                    Member.required("backing_file_depth", Shape.INTEGER),
                    Member.required("encrypted", Shape.BOOLEAN),
                    Member.required("detect_zeroes", Words.of("off", "on", "unmap")),
                    Member.required("bps", Shape.INTEGER),
                    Member.required("bps_rd", Shape.INTEGER),
                    Member.required("bps_wr", Shape.INTEGER),
                    Member.required("iops", Shape.INTEGER),
                    Member.required("iops_rd", Shape.INTEGER),
                    Member.required("iops_wr", Shape.INTEGER),
                    Member.required("image", IMAGE),
                    Member.required("cache", CACHE),
                    Member.required("write_threshold", Shape.INTEGER));

    /** Of a device of a guest, of which there are none. */
    static final Struct DEVICE =
            Struct.of(
                    Member.required("device", Shape.STRING),
                    Member.required("type", Shape.STRING),
                    Member.required("removable", Shape.BOOLEAN),
                    Member.required("locked", Shape.BOOLEAN),
                    Member.optional("inserted", NODE));

    private final FileNames names;

    /**
     * @param all all nodes, for what stands on what
     */
    NodeReport(List<NodeEntry> all) {
        names = new FileNames(all);
    }

    Map<String, Object> of(NodeEntry node) {
        String file = names.of(node);
        Map<String, Object> image = new LinkedHashMap<>();
        image.put("filename", file);
        image.put("format", node.type());
        image.put("virtual-size", node.length());
        if (node.allocatedLength() >= 0) {
            image.put("actual-size", node.allocatedLength());
        }
        if (FileNames.isPlain(file)) {
            image.put("dirty-flag", false);
        }
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("node-name", node.id());
        report.put("drv", node.type());
        report.put("file", file);
        report.put("ro", node.readOnly());
        report.put("image", image);
        report.put("cache", cache(node));
        report.put("detect_zeroes", node.options().getOrDefault("detect-zeroes", "off"));
        report.put("backing_file_depth", 0);
        report.put("write_threshold", 0);
        report.put("encrypted", false);
        // Limits of a node itself, which have long been nodes of their own.
        for (String limit : List.of("bps", "bps_rd", "bps_wr", "iops", "iops_rd", "iops_wr")) {
            report.put(limit, 0);
        }
        return report;
    }

    private static Map<String, Object> cache(NodeEntry node) {
        Map<?, ?> cache = node.options().get("cache") instanceof Map<?, ?> given ? given : Map.of();
        return Map.of(
                "writeback", true,
                "direct", isOn(cache.get("direct")),
                "no-flush", isOn(cache.get("no-flush")));
    }

    /** Whether an option is on, as it was given on a command line or in JSON. */
    private static boolean isOn(Object value) {
        return Boolean.TRUE.equals(value) || "on".equals(value) || "true".equals(value);
    }
}
