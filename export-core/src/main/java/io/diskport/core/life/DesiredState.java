package io.diskport.core.life;

import io.diskport.api.BlockException;
import io.diskport.api.export.ShutdownMode;
import io.diskport.api.manage.Kind;
import io.diskport.core.options.OptionText;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.cm.ConfigurationEvent;
import org.osgi.service.cm.ConfigurationListener;
import org.osgi.service.cm.ManagedServiceFactory;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * Adds what configurations ask for: one factory configuration each of {@code io.diskport.export},
 * {@code io.diskport.node} and {@code io.diskport.object}. Configurations are worked off on one
 * thread, in the order in which they come.
 */
@Component(
        service = {},
        immediate = true)
public final class DesiredState {
    private static final String PID_PREFIX = "io.diskport.";
    private static final String FILE_NAME = "felix.fileinstall.filename";
    private static final long END_MILLIS = 20_000;

    private final Graph graph;
    private final List<ServiceRegistration<?>> factories = new ArrayList<>();
    private final AutoCloseable watch;

    /** What is wanted, by PID; only used on the thread. */
    private final Map<String, Wish> wishes = new HashMap<>();

    private final ThreadPoolExecutor thread =
            new ThreadPoolExecutor(
                    1,
                    1,
                    1,
                    TimeUnit.SECONDS,
                    new LinkedBlockingQueue<>(),
                    task -> {
                        Thread worker = new Thread(task, "diskport-desired");
                        worker.setDaemon(true);
                        return worker;
                    },
                    // What comes while this ends is nobody's any more.
                    new ThreadPoolExecutor.DiscardPolicy());

    /** What one configuration asks for; the item is null where it was refused. */
    private record Wish(Kind kind, Map<String, Object> properties, Item item) {}

    /** Drops configurations whose file is gone, and takes the others. */
    @Activate
    public DesiredState(
            BundleContext context,
            @Reference Core core,
            @Reference ConfigurationAdmin configurations) {
        graph = core.graph();
        thread.allowCoreThreadTimeOut(true);
        dropOrphans(configurations);
        watch = core.changes().watchFreed(item -> thread.execute(() -> freed(item)));
        for (Kind kind : List.of(Kind.OBJECT, Kind.NODE, Kind.EXPORT)) {
            Dictionary<String, Object> properties = new Hashtable<>();
            properties.put(Constants.SERVICE_PID, PID_PREFIX + kind);
            factories.add(
                    context.registerService(
                            ManagedServiceFactory.class, new Factory(kind), properties));
        }
        factories.add(context.registerService(ConfigurationListener.class, this::changed, null));
    }

    /** Takes no configurations any more; what they asked for ends with core. */
    @Deactivate
    void deactivate() throws Exception {
        watch.close();
        factories.forEach(ServiceRegistration::unregister);
        thread.shutdownNow();
    }

    /** Says that a configuration with a misspelt name will never be heeded. */
    private void changed(ConfigurationEvent event) {
        String factory = event.getFactoryPid();
        if (event.getType() == ConfigurationEvent.CM_UPDATED
                && factory != null
                && factory.startsWith(PID_PREFIX)
                && Stream.of(Kind.values()).noneMatch(kind -> factory.equals(PID_PREFIX + kind))) {
            graph.log().log(
                    Level.WARNING,
                    "Configuration "
                            + event.getPid()
                            + " is for no object, node or export: names begin with"
                            + " io.diskport.object-, io.diskport.node- or"
                            + " io.diskport.export-");
        }
    }

    private void dropOrphans(ConfigurationAdmin configurations) {
        try {
            Configuration[] known = configurations.listConfigurations("(" + FILE_NAME + "=*)");
            if (known == null) {
                return;
            }
            for (Configuration configuration : known) {
                Object name = configuration.getProperties().get(FILE_NAME);
                if (!Files.exists(Path.of(URI.create(name.toString())))) {
                    configuration.delete();
                }
            }
        } catch (IOException | InvalidSyntaxException | IllegalArgumentException e) {
            graph.log().log(Level.WARNING, "Old configurations could not be looked through", e);
        }
    }

    private void updated(Kind kind, String pid, Map<String, Object> properties) {
        Wish before = wishes.get(pid);
        boolean same =
                before != null
                        && before.item() != null
                        && before.properties().equals(properties)
                        && graph.find(kind, before.item().id()).orElse(null) == before.item();
        if (!same) {
            end(pid);
            add(kind, pid, properties);
        }
    }

    private void add(Kind kind, String pid, Map<String, Object> properties) {
        try {
            Map<String, Object> options = OptionText.ofConfiguration(properties);
            Item item =
                    switch (kind) {
                        case EXPORT -> ExportItem.of(graph, options, true);
                        case NODE -> NodeItem.of(graph, options, true);
                        case OBJECT -> ObjectItem.of(graph, options, true);
                    };
            wishes.put(pid, new Wish(kind, properties, item));
            graph.add(item);
        } catch (BlockException e) {
            wishes.put(pid, new Wish(kind, properties, null));
            if (graph.isClosing()) {
                return;
            }
            graph.log().log(
                    Level.ERROR,
                    "Configuration " + source(pid, properties) + ": " + e.getMessage());
        }
    }

    private void end(String pid) {
        Wish wish = wishes.remove(pid);
        if (wish == null || wish.item() == null) {
            return;
        }
        CompletableFuture<Void> gone =
                graph.endings().end(wish.item(), Ending.deleted(ShutdownMode.HARD));
        try {
            Bounded.await(gone, END_MILLIS);
        } catch (ExecutionException | TimeoutException e) {
            graph.log().log(Level.WARNING, wish.item().nameAtStart() + " has not ended in time");
        }
    }

    /** An id is free: somebody who was refused may want it. */
    private void freed(Item gone) {
        Map<String, Wish> refused = new LinkedHashMap<>();
        wishes.forEach(
                (pid, wish) -> {
                    Object id = wish.properties().get(CommonOptions.idKey(wish.kind()));
                    if (wish.item() == null && wish.kind() == gone.kind() && gone.id().equals(id)) {
                        refused.put(pid, wish);
                    }
                });
        refused.forEach((pid, wish) -> add(wish.kind(), pid, wish.properties()));
    }

    private static String source(String pid, Map<String, Object> properties) {
        Object file = properties.get(FILE_NAME);
        return file == null ? pid : Path.of(URI.create(file.toString())).toString();
    }

    private final class Factory implements ManagedServiceFactory {
        private final Kind kind;

        Factory(Kind kind) {
            this.kind = kind;
        }

        @Override
        public String getName() {
            return "Desired " + kind + "s";
        }

        @Override
        public void updated(String pid, Dictionary<String, ?> properties) {
            Map<String, Object> copy = new LinkedHashMap<>();
            for (String key : Collections.list(properties.keys())) {
                copy.put(key, properties.get(key));
            }
            thread.execute(() -> DesiredState.this.updated(kind, pid, copy));
        }

        @Override
        public void deleted(String pid) {
            thread.execute(() -> end(pid));
        }
    }
}
