package io.diskport.it;

import io.diskport.api.export.BlockExport;
import io.diskport.api.export.BlockExportDriver;
import io.diskport.api.export.ExportContext;
import io.diskport.api.export.ShutdownMode;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A driver that keeps account of what it has made, and of calls that must not be. */
final class CountingDriver implements BlockExportDriver<CountingDriver.Options> {
    static final String TYPE = "counting";

    private final AtomicInteger made = new AtomicInteger();
    private final Set<BlockExport> alive = ConcurrentHashMap.newKeySet();
    private final Map<String, Boolean> mistakes = new ConcurrentHashMap<>();

    record Options() {}

    @Override
    public Class<Options> optionsType() {
        return Options.class;
    }

    @Override
    public BlockExport create(ExportContext context, Options options) {
        made.incrementAndGet();
        BlockExport export = new Export(context.id());
        alive.add(export);
        return export;
    }

    int made() {
        return made.get();
    }

    int alive() {
        return alive.size();
    }

    Set<String> mistakes() {
        return mistakes.keySet();
    }

    private final class Export implements BlockExport {
        private final String id;

        Export(String id) {
            this.id = id;
        }

        @Override
        public void requestShutdown(ShutdownMode mode) {
            if (!alive.contains(this)) {
                mistakes.put(id + " was to shut down after its end", true);
            }
        }

        @Override
        public void delete() {
            if (!alive.remove(this)) {
                mistakes.put(id + " was deleted twice", true);
            }
        }
    }
}
