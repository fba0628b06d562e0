package io.diskport.api.manage;

import io.diskport.api.BlockException;
import java.util.List;
import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;

/** Turns what people type into options, one way for every control. A service. Any thread. */
@ProviderType
public interface OptionService {
    /**
     * Options from one text: {@code key=value,key.sub=value}, where {@code ,,} is a literal comma,
     * or a JSON object.
     *
     * @param impliedKey the key of a first element without one, or empty for none
     */
    Map<String, Object> parse(String text, String impliedKey) throws BlockException;

    /** Options from several texts, each as in {@link #parse}; a key given twice is refused. */
    Map<String, Object> parse(List<String> texts, String impliedKey) throws BlockException;

    /**
     * Checks options as far as that can be without making anything: whether a driver serves the
     * type, names that nobody knows, missing options, wrong values and ids, and the same of nodes
     * that are defined inside. Not, whether what they refer to is there.
     *
     * @throws BlockException that says what adding them would say
     */
    void check(Kind kind, Map<String, ?> options) throws BlockException;

    /**
     * What could stand next, for completion.
     *
     * @param kind what is being added
     * @param given what has been typed so far, complete words
     * @param word the beginning of the next one, possibly empty
     * @return whole words
     */
    List<String> complete(Kind kind, List<String> given, String word);
}
