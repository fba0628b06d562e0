package io.diskport.core.life;

import io.diskport.api.BlockException;
import io.diskport.api.manage.Kind;
import io.diskport.api.manage.OptionService;
import io.diskport.core.options.OptionCompletion;
import io.diskport.core.options.OptionSchema;
import io.diskport.core.options.OptionText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads options as people type them, and says what could come next. */
final class OptionTexts implements OptionService {
    private final Graph graph;

    OptionTexts(Graph graph) {
        this.graph = graph;
    }

    @Override
    public Map<String, Object> parse(String text, String impliedKey) throws BlockException {
        return OptionText.parse(text, impliedKey);
    }

    @Override
    public Map<String, Object> parse(List<String> texts, String impliedKey) throws BlockException {
        return OptionText.parse(texts, impliedKey);
    }

    @Override
    public void check(Kind kind, Map<String, ?> options) throws BlockException {
        new OptionCheck(graph).check(kind, options);
    }

    @Override
    public List<String> complete(Kind kind, List<String> given, String word) {
        String prefix = CommonOptions.typeKey(kind) + "=";
        List<String> types = graph.types(kind);
        Optional<String> type = type(given, prefix);
        if (type.isEmpty()) {
            List<String> words = new ArrayList<>();
            for (String candidate : types) {
                if (candidate.startsWith(word)) {
                    words.add(candidate);
                } else if ((prefix + candidate).startsWith(word)) {
                    words.add(prefix + candidate);
                }
            }
            return words;
        }
        return graph.serving(kind, type.get())
                .map(driver -> OptionSchema.of(CommonOptions.types(driver)))
                .map(
                        entries ->
                                OptionCompletion.complete(
                                        entries,
                                        withType(given, prefix),
                                        word,
                                        () -> ids(Kind.NODE),
                                        () -> ids(Kind.OBJECT)))
                .orElse(List.of());
    }

    private static Optional<String> type(List<String> given, String prefix) {
        for (int i = 0; i < given.size(); i++) {
            String word = given.get(i);
            if (word.startsWith(prefix)) {
                return Optional.of(word.substring(prefix.length()));
            }
            if (i == 0 && word.indexOf('=') < 0) {
                return Optional.of(word);
            }
        }
        return Optional.empty();
    }

    /** The words with the type's key in front of a first word that has none. */
    private static List<String> withType(List<String> given, String prefix) {
        List<String> words = new ArrayList<>(given);
        if (!words.isEmpty() && words.get(0).indexOf('=') < 0) {
            words.set(0, prefix + words.get(0));
        }
        return words;
    }

    private List<String> ids(Kind kind) {
        return graph.all(kind).stream().map(Item::id).toList();
    }
}
