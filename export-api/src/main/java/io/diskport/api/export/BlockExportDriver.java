package io.diskport.api.export;

import io.diskport.api.BlockException;
import io.diskport.api.node.Permissions;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Makes exports of one type. An OSGi service; the type is its service property {@value
 * #TYPE_PROPERTY}. Of several for one type, the highest {@code service.ranking} serves, then the
 * highest bundle version.
 *
 * <p>A service that also has the property {@value #PLACEHOLDER_PROPERTY} holds the place of a
 * driver that is not there: it is shown, never serves, and the property's value says which bundle
 * to deploy.
 *
 * @param <O> the record of its options, see {@link io.diskport.api.options.Option}
 */
@ConsumerType
public interface BlockExportDriver<O extends Record> {
    /** The service property that holds the type, for instance {@code fuse}. */
    String TYPE_PROPERTY = "diskport.export.type";

    /** The service property that makes the service a placeholder, with the message as its value. */
    String PLACEHOLDER_PROPERTY = "diskport.placeholder";

    /** The record of the options; the same at every call. */
    Class<O> optionsType();

    /**
     * What an export does to its node. By default it reads, and writes if it is writable; a driver
     * whose clients may change the length asks for that as well.
     */
    default Permissions permissions(O options, boolean writable) {
        return writable ? Permissions.READ_WRITE : Permissions.READ;
    }

    /**
     * Makes an export and starts it. Called on a thread of that export, so that it may take its
     * time; what it made is deleted at once if its bundle has left meanwhile.
     *
     * @param options checked as far as their record tells
     * @throws BlockException if it cannot; nothing is left behind then
     */
    BlockExport create(ExportContext context, O options) throws BlockException;
}
