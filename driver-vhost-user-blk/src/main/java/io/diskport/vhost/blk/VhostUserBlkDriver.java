package io.diskport.vhost.blk;

import io.diskport.api.BlockException;
import io.diskport.api.ProvidesDriver;
import io.diskport.api.export.BlockExport;
import io.diskport.api.export.BlockExportDriver;
import io.diskport.api.export.ExportContext;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.propertytypes.SatisfyingConditionTarget;

/**
 * Offers nodes to virtual machines through vhost-user-blk. In service only where {@link
 * VhostUserBlkProbe} finds what it needs.
 */
@ProvidesDriver(kind = VhostUserBlkDriver.KIND, type = VhostUserBlkDriver.TYPE)
@SatisfyingConditionTarget("(osgi.condition.id=" + VhostUserBlkProbe.CONDITION + ")")
@Component(
        service = BlockExportDriver.class,
        property = BlockExportDriver.TYPE_PROPERTY + "=" + VhostUserBlkDriver.TYPE)
public final class VhostUserBlkDriver implements BlockExportDriver<VhostUserBlkOptions> {
    static final String KIND = "export";
    static final String TYPE = "vhost-user-blk";

    @Override
    public Class<VhostUserBlkOptions> optionsType() {
        return VhostUserBlkOptions.class;
    }

    @Override
    public BlockExport create(ExportContext context, VhostUserBlkOptions options)
            throws BlockException {
        return VhostUserBlkExport.start(context, options);
    }
}
