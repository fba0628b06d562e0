package io.diskport.testkit;

import io.diskport.api.BlockException;
import io.diskport.api.export.BlockBackend;
import io.diskport.api.export.BlockExport;
import io.diskport.api.export.BlockExportDriver;
import io.diskport.api.export.ExportContext;
import io.diskport.api.export.ShutdownMode;
import io.diskport.api.node.Permissions;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Exports that put a node into the hands of the test, as core lends it to drivers. */
final class TestExport implements BlockExportDriver<TestExport.Options> {
    static final String TYPE = "testkit";

    private final Map<String, BlockBackend> backends = new ConcurrentHashMap<>();

    /** None. */
    record Options() {}

    @Override
    public Class<Options> optionsType() {
        return Options.class;
    }

    @Override
    public Permissions permissions(Options options, boolean writable) {
        return writable ? Permissions.ALL : Permissions.READ;
    }

    @Override
    public BlockExport create(ExportContext context, Options options) throws BlockException {
        backends.put(context.id(), context.backend());
        return new BlockExport() {
            @Override
            public void requestShutdown(ShutdownMode mode) {
                // Nobody is connected.
            }

            @Override
            public void delete() {
                backends.remove(context.id());
            }
        };
    }

    /** What an export reads and writes. */
    BlockBackend backend(String id) {
        return backends.get(id);
    }
}
