package io.diskport.qmp;

import io.diskport.api.manage.Entry;
import io.diskport.api.manage.EntryState;
import io.diskport.api.manage.Manager;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Remembers in which order things came: QEMU lists the newest first. */
final class Arrivals<E extends Entry> implements AutoCloseable {
    private final Map<String, Long> numbers = new ConcurrentHashMap<>();
    private final AtomicLong last = new AtomicLong();
    private final AutoCloseable watch;

    Arrivals(Manager<E> manager) {
        watch = manager.watch(this::changed);
        for (E entry : manager.list()) {
            came(entry.id());
        }
    }

    private void changed(Manager.Change<E> change) {
        if (change.gone()) {
            numbers.remove(change.entry().id());
        } else if (change.entry().state() == EntryState.RUNNING) {
            came(change.entry().id());
        }
    }

    /** Something is there; said by whoever made it, this does not have to be heard first. */
    void came(String id) {
        numbers.computeIfAbsent(id, key -> last.incrementAndGet());
    }

    /** The entries, the newest first; of those of which nothing was heard yet, by id. */
    List<E> newestFirst(List<E> entries) {
        List<E> sorted = new ArrayList<>(entries);
        sorted.sort(
                Comparator.comparingLong(
                                (E entry) -> numbers.getOrDefault(entry.id(), Long.MAX_VALUE))
                        .reversed());
        return sorted;
    }

    @Override
    public void close() throws Exception {
        watch.close();
    }
}
