package io.diskport.core.life;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.export.ShutdownMode;
import io.diskport.api.manage.Entry;
import io.diskport.api.manage.Kind;
import io.diskport.api.manage.Manager;
import io.diskport.core.options.OptionText;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** What the managers of exports, nodes and objects have in common. */
abstract class ItemManager<E extends Entry> implements Manager<E> {
    private static final long GONE_MILLIS = 15_000;

    private final Graph graph;
    private final Changes changes;
    private final Kind kind;
    private final Class<E> entryType;

    ItemManager(Graph graph, Changes changes, Kind kind, Class<E> entryType) {
        this.graph = graph;
        this.changes = changes;
        this.kind = kind;
        this.entryType = entryType;
    }

    final Graph graph() {
        return graph;
    }

    /** A new item from nested options. */
    abstract Item item(Map<String, Object> options, boolean desired) throws BlockException;

    @Override
    public final E add(Map<String, ?> options) throws BlockException {
        Item item = item(OptionText.normalize(options), false);
        graph.addAndWait(item);
        return entryType.cast(item.entry());
    }

    @Override
    public final List<E> list() {
        return graph.all(kind).stream()
                .map(item -> entryType.cast(item.entry()))
                .collect(Collectors.toUnmodifiableList());
    }

    @Override
    public final Optional<E> find(String id) {
        return graph.find(kind, id).map(item -> entryType.cast(item.entry()));
    }

    @Override
    public final AutoCloseable watch(Consumer<Change<E>> listener) {
        return changes.watch(
                change -> {
                    if (entryType.isInstance(change.entry())) {
                        listener.accept(
                                new Change<>(entryType.cast(change.entry()), change.gone()));
                    }
                });
    }

    final Item known(String id) throws BlockException {
        return graph.find(kind, id).orElseThrow(() -> unknown(graph, kind, id));
    }

    /** There is none of that id; in the words of QEMU, which tools compare, and what there is. */
    static BlockException unknown(Graph graph, Kind kind, String id) {
        String what =
                switch (kind) {
                    case EXPORT -> "Export '" + id + "' is not found";
                    case NODE -> "Failed to find node with node-name='" + id + "'";
                    case OBJECT -> "object '" + id + "' not found";
                };
        return new BlockException(Reason.NOT_FOUND, what + "; there " + there(graph.all(kind)));
    }

    private static String there(List<Item> items) {
        return items.isEmpty()
                ? "is none"
                : items.stream().map(Item::id).collect(Collectors.joining(", ", "are: ", ""));
    }

    /** Deletes a node or an object, unless it is used. */
    final void deleteUnused(String id) throws BlockException {
        CompletableFuture<Void> gone;
        synchronized (graph.lock()) {
            Item item = known(id);
            if (item.owner.isPresent()) {
                throw new BlockException(
                        Reason.IN_USE,
                        "Node "
                                + id
                                + " is not owned by the monitor: it was defined inside "
                                + item.owner.get().name()
                                + " and goes with it");
            }
            if (!item.users.isEmpty()) {
                throw new BlockException(
                        Reason.IN_USE,
                        (kind == Kind.NODE
                                        ? device(item) + " " + id + " is in use by "
                                        : "object '" + id + "' is in use, can not be deleted: by ")
                                + item.users.stream()
                                        .map(user -> user.item().name())
                                        .distinct()
                                        .collect(Collectors.joining(", ")));
            }
            gone = graph.endings().end(item, Ending.deleted(ShutdownMode.HARD));
        }
        await(id, gone);
    }

    /** What QEMU calls a node that an export has, and one that only other nodes have. */
    private static String device(Item node) {
        return node.users.stream().anyMatch(user -> user.item().kind() == Kind.EXPORT)
                ? "Node"
                : "Block device";
    }

    final void await(String id, CompletableFuture<Void> gone) throws BlockException {
        try {
            gone.get(GONE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BlockException(
                    Reason.FAILED, Item.name(kind, id) + " goes on ending by itself", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new BlockException(
                    Reason.FAILED, Item.name(kind, id) + " has not ended in time", e);
        }
    }
}
