package io.diskport.file;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.BlockIOException;
import io.diskport.api.node.BlockNode;
import io.diskport.api.node.NodeContext;
import io.diskport.api.node.NodeSettings;
import io.diskport.api.options.OnOffAuto;
import io.diskport.natives.NativeRuntime;
import java.util.Optional;

/** Opens file nodes and reopens them, for the drivers that make them. */
final class FileNodes {
    private final FileOpener opener;

    FileNodes(FileOpener opener) {
        this.opener = opener;
    }

    /** Uses native calls where native-runtime is there and works, the JDK's channels otherwise. */
    static FileNodes best() {
        Optional<String> problem;
        try {
            problem = NativeRuntime.problem();
        } catch (LinkageError e) {
            // its import is optional
            problem = Optional.of("the bundle native-runtime is not there");
        }
        return new FileNodes(
                problem.isEmpty() ? new NativeFileOpener() : new ChannelFileOpener(problem.get()));
    }

    FileNode open(NodeContext context, FileOptions options) throws BlockException {
        check(context.settings(), options);
        FileNode node = new FileNode(opened(context, options, Optional.empty()), opener.engine());
        try {
            node.start();
        } catch (BlockIOException e) {
            node.close();
            throw new BlockException(Reason.FAILED, e.getMessage(), e);
        }
        opener.shortcoming()
                .ifPresent(
                        why ->
                                context.log().log(
                                        System.Logger.Level.INFO,
                                        "'"
                                                + options.filename()
                                                + "' is used without holes and without locks: "
                                                + why));
        return node;
    }

    /** Opens the same file in another way, if it has to be, and has the node go over to it. */
    void reopen(BlockNode reopened, NodeContext context, FileOptions options)
            throws BlockException {
        FileNode node = (FileNode) reopened;
        NodeSettings settings = context.settings();
        check(settings, options);
        Opened before = node.opened();
        unchanged(context, "filename", before.name(), options.filename().toString());
        boolean locks = options.locking() != OnOffAuto.OFF && before.file().canLock();
        unchanged(
                context,
                "locking",
                before.locks().isPresent() ? "on" : "off",
                locks ? "on" : "off");
        boolean direct = settings.cache().direct();
        if (direct == before.settings().cache().direct()
                && before.writable() == !settings.readOnly()) {
            node.settings(settings);
            return;
        }
        Opened next = opened(context, options, Optional.of(before.file()));
        try {
            node.reopened(next);
        } catch (BlockIOException e) {
            next.file().close();
            throw new BlockException(Reason.FAILED, e.getMessage(), e);
        } catch (BlockException | RuntimeException e) {
            next.file().close();
            throw e;
        }
    }

    private static void check(NodeSettings settings, FileOptions options) throws BlockException {
        if (options.aio() == Aio.NATIVE && !settings.cache().direct()) {
            throw new BlockException(
                    Reason.INVALID,
                    "aio=native was specified, but it requires cache.direct=on, which was not"
                            + " specified.");
        }
    }

    private static void unchanged(NodeContext context, String option, String before, String now)
            throws BlockException {
        if (!before.equals(now)) {
            throw new BlockException(
                    Reason.INVALID,
                    "Cannot change the option '"
                            + option
                            + "' of node '"
                            + context.nodeName()
                            + "': it stays '"
                            + before
                            + "' while the node is open");
        }
    }

    private Opened opened(NodeContext context, FileOptions options, Optional<OpenFile> same)
            throws BlockException {
        NodeSettings settings = context.settings();
        if (settings.readOnly()) {
            return opened(settings, options, same, false);
        }
        try {
            return opened(settings, options, same, true);
        } catch (OpenFailure e) {
            if (settings.autoReadOnly() && e.permissionIsMissing()) {
                return opened(settings, options, same, false);
            }
            throw e;
        }
    }

    private Opened opened(
            NodeSettings settings, FileOptions options, Optional<OpenFile> same, boolean writable)
            throws BlockException {
        boolean direct = settings.cache().direct();
        OpenFile file =
                same.isPresent()
                        ? opener.again(same.get(), options.filename(), writable, direct)
                        : opener.open(options.filename(), writable, direct);
        try {
            return new Opened(
                    file,
                    options.filename().toString(),
                    settings,
                    writable,
                    locks(file, options, writable));
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
                Reason.UNSUPPORTED,
                "Failed to lock '"
                        + name
                        + "': "
                        + opener.shortcoming()
                                .orElse("its file system has no open-file-description locks")
                        + "; use locking=auto or locking=off");
    }
}
