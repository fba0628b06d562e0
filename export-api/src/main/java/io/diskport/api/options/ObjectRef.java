package io.diskport.api.options;

import io.diskport.api.object.BlockObject;

/**
 * Refers to an object by its id. Core sees to it that the object is there, is of the wanted kind,
 * and is not deleted while it is used.
 *
 * @param <T> the contract that the object has to fulfil, for instance {@link
 *     io.diskport.api.object.Secret}
 * @param id the object's id
 */
public record ObjectRef<T extends BlockObject>(String id) {
    @Override
    public String toString() {
        return id;
    }
}
