package io.diskport.file;

import io.diskport.api.BlockException;
import io.diskport.api.BlockIOException;
import io.diskport.api.ProvidesDriver;
import io.diskport.api.node.BlockNode;
import io.diskport.api.node.BlockNodeDriver;
import io.diskport.api.node.NodeContext;
import io.diskport.api.node.NodeSettings;
import io.diskport.api.options.OnOffAuto;
import io.diskport.natives.NativeRuntime;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Makes nodes on regular files and block devices. */
@ProvidesDriver(kind = "node", type = "file")
@Component(service = BlockNodeDriver.class, property = BlockNodeDriver.DRIVER_PROPERTY + "=file")
public final class FileNodeDriver implements BlockNodeDriver<FileOptions> {
    private final FileOpener opener;

    /** Uses native calls where native-runtime is there and works, the JDK's channels otherwise. */
    @Activate
    public FileNodeDriver() {
        this(bestOpener());
    }

    FileNodeDriver(FileOpener opener) {
        this.opener = opener;
    }

    private static FileOpener bestOpener() {
        Optional<String> problem;
        try {
            problem = NativeRuntime.problem();
        } catch (LinkageError e) {
            // its import is optional
            problem = Optional.of("the bundle native-runtime is not there");
        }
        return problem.isEmpty() ? new NativeFileOpener() : new ChannelFileOpener(problem.get());
    }

    @Override
    public Class<FileOptions> optionsType() {
        return FileOptions.class;
    }

    @Override
    public BlockNode open(NodeContext context, FileOptions options) throws BlockException {
        NodeSettings settings = context.settings();
        if (settings.readOnly()) {
            return node(context, options, false);
        }
        try {
            return node(context, options, true);
        } catch (OpenFailure e) {
            if (settings.autoReadOnly() && e.permissionIsMissing()) {
                return node(context, options, false);
            }
            throw e;
        }
    }

    private FileNode node(NodeContext context, FileOptions options, boolean writable)
            throws BlockException {
        String name = options.filename().toString();
        NodeSettings settings = context.settings();
        OpenFile file = opener.open(options.filename(), writable, settings.cache().direct());
        try {
            Optional<PermissionLocks> locks = locks(file, options, writable);
            FileNode node = new FileNode(file, name, opener.engine(), settings, writable, locks);
            node.start();
            opener.shortcoming()
                    .ifPresent(
                            why ->
                                    context.log().log(
                                            System.Logger.Level.INFO,
                                            "'"
                                                    + name
                                                    + "' is used without holes and"
                                                    + " without locks: "
                                                    + why));
            return node;
        } catch (BlockIOException e) {
            file.close();
            throw new BlockException(BlockException.Reason.FAILED, e.getMessage(), e);
        } catch (BlockException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private Optional<PermissionLocks> locks(OpenFile file, FileOptions options, boolean writable)
            throws BlockException {
        if (options.locking() == OnOffAuto.OFF) {
            return Optional.empty();
        }
        String name = options.filename().toString();
        if (file.canLock()) {
            return Optional.of(new PermissionLocks(file, name, writable));
        }
        if (options.locking() == OnOffAuto.AUTO) {
            return Optional.empty();
        }
        throw new BlockException(
                BlockException.Reason.UNSUPPORTED,
                "Failed to lock '"
                        + name
                        + "': "
                        + opener.shortcoming()
                                .orElse("its file system has no open-file-description locks")
                        + "; use locking=auto or locking=off");
    }
}
