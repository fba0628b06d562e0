package io.diskport.nbd.stub;

import io.diskport.api.BlockException;
import io.diskport.api.export.BlockExport;
import io.diskport.api.export.BlockExportDriver;
import io.diskport.api.export.ExportContext;
import org.osgi.service.component.annotations.Component;

/**
 * Holds the place of type nbd while no NBD driver is deployed: it is shown, never serves, and says
 * which bundle to deploy. Any other driver of the type takes over by being there. It declares no
 * capability: a resolver that looks for a driver of the type must not be content with it.
 */
@Component(
        service = BlockExportDriver.class,
        property = {
            BlockExportDriver.TYPE_PROPERTY + "=" + NbdPlaceholder.TYPE,
            BlockExportDriver.PLACEHOLDER_PROPERTY + "=" + NbdPlaceholder.MESSAGE,
            "service.ranking:Integer=" + Integer.MIN_VALUE
        })
public final class NbdPlaceholder implements BlockExportDriver<NbdPlaceholder.Options> {
    static final String TYPE = "nbd";
    static final String MESSAGE = "no NBD driver is deployed; put driver-nbd.jar into deploy/";

    /** The options of a driver that is not there: none are known. */
    public record Options() {}

    @Override
    public Class<Options> optionsType() {
        return Options.class;
    }

    /** Refuses, for callers that overlook the placeholder property. */
    @Override
    public BlockExport create(ExportContext context, Options options) throws BlockException {
        throw new BlockException(BlockException.Reason.UNAVAILABLE, MESSAGE);
    }
}
