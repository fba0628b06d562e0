package io.diskport.api.object;

import io.diskport.api.BlockException;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Makes objects of one type. An OSGi service; the type is its service property {@value
 * #TYPE_PROPERTY}. Of several for one type, the highest {@code service.ranking} serves, then the
 * highest bundle version.
 *
 * @param <O> the record of its options, see {@link io.diskport.api.options.Option}
 */
@ConsumerType
public interface BlockObjectDriver<O extends Record> {
    /** The service property that holds the type, for instance {@code secret}. */
    String TYPE_PROPERTY = "diskport.object.type";

    /** The record of the options; the same at every call. */
    Class<O> optionsType();

    /** What the objects can be referred to as; an {@link BlockObject} contract. */
    Class<? extends BlockObject> contract();

    /**
     * Makes an object, on a thread of that object.
     *
     * @throws BlockException if it cannot; nothing is left behind then
     */
    BlockObject create(ObjectContext context, O options) throws BlockException;
}
