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
     * Hears of every change of state, in order, on one thread of core's; what comes later than the
     * registration. Closing ends it.
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
