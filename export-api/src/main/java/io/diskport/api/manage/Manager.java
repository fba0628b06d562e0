package io.diskport.api.manage;

import io.diskport.api.BlockException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.osgi.annotation.versioning.ProviderType;

/**
 * What exports, nodes and objects have in common when they are steered. Any thread.
 *
 * @param <E> what is shown of one
 */
@ProviderType
public interface Manager<E extends Entry> {
    /**
     * Adds one and waits until it runs. Its driver and what it refers to must be there.
     *
     * @param options as {@link OptionService#parse} gives them: strings, numbers, booleans, lists
     *     and maps, nested or with dotted names
     * @throws BlockException if it cannot; nothing is left behind then
     */
    E add(Map<String, ?> options) throws BlockException;

    /** All there are, by id. */
    List<E> list();

    /** The one of that id. */
    Optional<E> find(String id);

    /**
     * Hears of changes of state, on one thread of core's, for as long as it is not closed. What it
     * is told is the entry as it is at that moment: of changes in quick succession it may hear the
     * last one twice. That one is gone it hears once, and last.
     */
    AutoCloseable watch(Consumer<Change<E>> listener);

    /**
     * A change.
     *
     * @param entry as it is after the change; as it was before if it is gone
     * @param gone whether it does not exist any more
     */
    record Change<E extends Entry>(E entry, boolean gone) {}
}
