package io.diskport.fuse;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.Handover;
import io.diskport.api.ProvidesDriver;
import io.diskport.api.export.BlockExport;
import io.diskport.api.export.BlockExportDriver;
import io.diskport.api.export.ExportContext;
import io.diskport.api.node.Permissions;
import io.diskport.fuse.engine.FuseEngine;
import io.diskport.fuse.engine.LibfuseEngine;
import io.diskport.fuse.engine.LibfuseLibrary;
import io.diskport.fuse.file.FuseFile;
import io.diskport.fuse.kernel.KernelEngine;
import io.diskport.fuse.kernel.Passthrough;
import io.diskport.fuse.mount.FuseHost;
import io.diskport.fuse.mount.FuseMount;
import io.diskport.fuse.mount.MountWatch;
import io.diskport.fuse.mount.Mountpoint;
import io.diskport.fuse.mount.Mountpoints;
import io.diskport.natives.LibcHost;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.propertytypes.SatisfyingConditionTarget;

/**
 * Exports a node as a regular file through FUSE. In service only where {@link FuseProbe} finds what
 * it needs.
 */
@ProvidesDriver(kind = FuseExportDriver.KIND, type = FuseExportDriver.TYPE)
@SatisfyingConditionTarget("(osgi.condition.id=" + FuseProbe.CONDITION + ")")
@Component(
        service = BlockExportDriver.class,
        property = BlockExportDriver.TYPE_PROPERTY + "=" + FuseExportDriver.TYPE)
public final class FuseExportDriver implements BlockExportDriver<FuseOptions> {
    static final String KIND = "export";
    static final String TYPE = "fuse";

    private final FuseHost host;
    private final Mountpoints mountpoints;
    private final MountWatch watch = new MountWatch();

    /** The driver on this host. */
    @Activate
    public FuseExportDriver() {
        this(FuseHost.here());
    }

    FuseExportDriver(FuseHost host) {
        this.host = host;
        this.mountpoints = new Mountpoints(host);
    }

    @Override
    public Class<FuseOptions> optionsType() {
        return FuseOptions.class;
    }

    /** A writable file can be truncated by its clients, whether writes make it grow or not. */
    @Override
    public Permissions permissions(FuseOptions options, boolean writable) {
        return writable ? Permissions.ALL : Permissions.READ;
    }

    @Override
    public BlockExport create(ExportContext context, FuseOptions options) throws BlockException {
        Optional<Handover> left = context.handover();
        if (left.isPresent()) {
            Optional<BlockExport> taken = takeOver(context, options, left.get());
            if (taken.isPresent()) {
                return taken.get();
            }
        }
        return begin(context, options);
    }

    private BlockExport begin(ExportContext context, FuseOptions options) throws BlockException {
        boolean kernel = options.engine() == FuseOptions.Engine.KERNEL;
        if (!kernel) {
            checkLibfuse();
        }
        AtomicReference<FuseExport> made = new AtomicReference<>();
        Mountpoint mountpoint = mountpoints.claim(options.mountpoint(), context.log());
        Optional<Passthrough> passthrough = Optional.empty();
        FuseMount mount = null;
        try {
            passthrough = passthrough(context, options, made);
            boolean writable = context.backend().writable();
            int most = kernel ? KernelEngine.maxData() : LibfuseEngine.MAX_DATA;
            FuseMount.Settings settings =
                    new FuseMount.Settings(writable, options.allowOther(), most);
            mount = FuseMount.mount(host, mountpoint, settings);
        } finally {
            if (mount == null) {
                passthrough.ifPresent(Passthrough::close);
                mountpoint.close();
            }
        }
        FuseFile file = file(context, options, mount, passthrough);
        FuseExport export = new FuseExport(context, options, mountpoint, watch, mount, file);
        made.set(export);
        Parts parts = new Parts(context, options, mount, file, passthrough);
        export.serve(
                kernel
                        ? listener -> KernelEngine.of(parts.forKernel(listener), host.device())
                        : listener ->
                                new LibfuseEngine(
                                        context.id(),
                                        parts.mount(),
                                        file,
                                        context.log(),
                                        listener));
        return export;
    }

    /** Goes on with what the version before this one has left, where it can. */
    private Optional<BlockExport> takeOver(
            ExportContext context, FuseOptions options, Handover handover) {
        Optional<FuseHandover> read = FuseHandover.read(handover);
        try {
            if (read.isPresent()) {
                return Optional.of(goOn(context, options, read.get()));
            }
            context.log().log(
                    Level.WARNING,
                    "Mounts anew: this version does not know {0} {1}",
                    handover.format(),
                    handover.major());
        } catch (BlockException | RuntimeException | Error e) {
            context.log().log(Level.WARNING, "Mounts anew: " + e.getMessage(), e);
        }
        FuseHandover.drop(handover.state(), context.log());
        return Optional.empty();
    }

    private BlockExport goOn(ExportContext context, FuseOptions options, FuseHandover left)
            throws BlockException {
        if (options.passthrough() != left.passthrough()) {
            throw new BlockException(Reason.INVALID, "the option passthrough is another now");
        }
        AtomicReference<FuseExport> made = new AtomicReference<>();
        Optional<Passthrough> passthrough = passthroughAgain(context, options, made);
        Mountpoint mountpoint = null;
        FuseMount mount;
        FuseFile file = null;
        try {
            Path real = Path.of(left.mountpoint());
            mountpoint = mountpoints.takeOver(options.mountpoint(), real);
            mount = FuseMount.takeOver(host, mountpoint, left.mount());
            file = file(context, options, mount, passthrough);
            file.restore(left.file());
        } catch (BlockException | RuntimeException | Error e) {
            passthrough.ifPresent(Passthrough::close);
            if (file != null) {
                file.releaseAll();
            }
            if (mountpoint != null) {
                mountpoint.close();
            }
            throw e;
        }
        FuseExport export = new FuseExport(context, options, mountpoint, watch, mount, file);
        made.set(export);
        Parts parts = new Parts(context, options, mount, file, passthrough);
        export.serve(
                listener -> KernelEngine.takeOver(parts.forKernel(listener), left.connection()));
        return export;
    }

    private static FuseFile file(
            ExportContext context,
            FuseOptions options,
            FuseMount mount,
            Optional<Passthrough> passthrough) {
        FuseFile file =
                new FuseFile(
                        context,
                        options.growable(),
                        mount.allowOther(),
                        LibcHost.geteuid(),
                        LibcHost.getegid(),
                        Clock.systemUTC());
        passthrough.ifPresent(through -> file.follow(through.descriptor()));
        return file;
    }

    private static Optional<Passthrough> passthrough(
            ExportContext context, FuseOptions options, AtomicReference<FuseExport> export)
            throws BlockException {
        return options.passthrough()
                ? Optional.of(Passthrough.of(context.backend(), options.growable(), revoke(export)))
                : Optional.empty();
    }

    private static Optional<Passthrough> passthroughAgain(
            ExportContext context, FuseOptions options, AtomicReference<FuseExport> export)
            throws BlockException {
        return options.passthrough()
                ? Optional.of(Passthrough.again(context.backend(), revoke(export)))
                : Optional.empty();
    }

    private static Runnable revoke(AtomicReference<FuseExport> export) {
        return () -> Optional.ofNullable(export.get()).ifPresent(FuseExport::fileRevoked);
    }

    private static void checkLibfuse() throws BlockException {
        Optional<String> problem = LibfuseLibrary.problem();
        if (problem.isPresent()) {
            throw new BlockException(
                    Reason.UNAVAILABLE,
                    "engine=libfuse needs libfuse 2, which cannot be loaded ("
                            + problem.get()
                            + "): install it (Debian, Ubuntu: apt-get install libfuse2), or leave"
                            + " engine out");
        }
    }

    private record Parts(
            ExportContext context,
            FuseOptions options,
            FuseMount mount,
            FuseFile file,
            Optional<Passthrough> passthrough) {
        KernelEngine.Parts forKernel(FuseEngine.EndListener listener) {
            return new KernelEngine.Parts(
                    context.id(),
                    mount,
                    file,
                    passthrough,
                    options.receivers(),
                    context.log(),
                    listener);
        }
    }
}
