package io.diskport.core.life;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.manage.Kind;
import io.diskport.core.options.OptionReference;
import io.diskport.core.options.OptionText;
import io.diskport.core.options.RecordBinder;
import java.util.List;
import java.util.Map;

/** Finds what is wrong with options before anything is made of them. */
final class OptionCheck {
    /** Stands for what is not named: a node that is defined inside, the only object there is. */
    private static final String NAMELESS = "#nameless";

    private final Graph graph;

    OptionCheck(Graph graph) {
        this.graph = graph;
    }

    void check(Kind kind, Map<String, ?> options) throws BlockException {
        check("", kind, OptionText.normalize(options));
    }

    /**
     * @param path before every option's name: nothing, or that of the option it is defined inside
     */
    private void check(String path, Kind kind, Map<String, Object> given) throws BlockException {
        String typeKey = CommonOptions.typeKey(kind);
        if (given.get(typeKey) == null) {
            throw CommonOptions.missing(kind, path + typeKey);
        }
        String type = CommonOptions.text(kind, given, typeKey);
        List<Class<? extends Record>> types = CommonOptions.types(serving(kind, type));
        Map<String, Object> options = given;
        for (OptionReference reference : OptionReference.in(given, types)) {
            if (reference.isInline()) {
                check(
                        path + reference.path() + '.',
                        Kind.NODE,
                        InheritedOptions.of(kind, given, reference.definition()));
            }
            if (reference.isInline() || reference.isImplied()) {
                options = OptionReference.replace(options, reference.path(), NAMELESS);
            }
        }
        RecordBinder binder = new RecordBinder(kind + " type '" + type + "'", path, options, types);
        for (Class<? extends Record> record : types) {
            if (record != CommonOptions.OfNode.class) {
                binder.bind(record);
            }
        }
        // The name of a node may be missing inside, and elsewhere it is asked for last, as by QEMU.
        if (path.isEmpty() || options.containsKey(CommonOptions.NODE_NAME)) {
            CommonOptions.id(kind, options);
        }
    }

    private DriverRef serving(Kind kind, String type) throws BlockException {
        return graph.serving(kind, type)
                .orElseThrow(
                        () ->
                                new BlockException(
                                        Reason.UNAVAILABLE,
                                        CommonOptions.notAccepted(
                                                kind,
                                                type,
                                                graph.lacks().whyNoDriver(kind, type))));
    }
}
