package io.diskport.file;

import io.diskport.api.BlockException;
import io.diskport.api.ProvidesDriver;
import io.diskport.api.node.BlockNode;
import io.diskport.api.node.BlockNodeDriver;
import io.diskport.api.node.NodeContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Makes nodes on regular files and block devices. */
@ProvidesDriver(kind = "node", type = "file")
@Component(service = BlockNodeDriver.class, property = BlockNodeDriver.DRIVER_PROPERTY + "=file")
public final class FileNodeDriver implements BlockNodeDriver<FileOptions> {
    private final FileNodes nodes;

    /** Uses native calls where native-runtime is there and works, the JDK's channels otherwise. */
    @Activate
    public FileNodeDriver() {
        this.nodes = FileNodes.best();
    }

    FileNodeDriver(FileOpener opener) {
        this.nodes = new FileNodes(opener);
    }

    @Override
    public Class<FileOptions> optionsType() {
        return FileOptions.class;
    }

    @Override
    public BlockNode open(NodeContext context, FileOptions options) throws BlockException {
        return nodes.open(context, options);
    }

    @Override
    public void reopen(BlockNode node, NodeContext context, FileOptions options)
            throws BlockException {
        nodes.reopen(node, context, options);
    }
}
