package io.diskport.file;

import io.diskport.api.BlockException;
import io.diskport.api.ProvidesDriver;
import io.diskport.api.node.BlockNode;
import io.diskport.api.node.BlockNodeDriver;
import io.diskport.api.node.NodeContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Makes nodes on block devices, and refuses files: what QEMU calls a host device. */
@ProvidesDriver(kind = "node", type = "host_device")
@Component(
        service = BlockNodeDriver.class,
        property = BlockNodeDriver.DRIVER_PROPERTY + "=host_device")
public final class HostDeviceNodeDriver implements BlockNodeDriver<FileOptions> {
    private final FileNodes nodes;

    /** Uses native calls where native-runtime is there and works, the JDK's channels otherwise. */
    @Activate
    public HostDeviceNodeDriver() {
        this.nodes = FileNodes.best();
    }

    HostDeviceNodeDriver(FileOpener opener) {
        this.nodes = new FileNodes(opener);
    }

    @Override
    public Class<FileOptions> optionsType() {
        return FileOptions.class;
    }

    @Override
    public BlockNode open(NodeContext context, FileOptions options) throws BlockException {
        FileNode node = nodes.open(context, options);
        if (!node.opened().file().isDevice()) {
            node.close();
            throw new BlockException(
                    BlockException.Reason.INVALID,
                    "'host_device' driver requires '"
                            + options.filename()
                            + "' to be either a character or block device: use driver file");
        }
        return node;
    }

    @Override
    public void reopen(BlockNode node, NodeContext context, FileOptions options)
            throws BlockException {
        nodes.reopen(node, context, options);
    }
}
