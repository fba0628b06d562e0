package io.diskport.fuse.file;

import io.diskport.api.export.Client;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** The open file handles: small numbers, each with its client; looking one up takes no lock. */
final class OpenHandles {
    /** The number that stands for no handle. */
    static final long NONE = 0;

    private volatile Client[] clients = new Client[16];
    private final Map<Long, Long> processes = new HashMap<>();
    private int open;

    /**
     * Adds one.
     *
     * @param process who opened it, 0 if not known
     */
    synchronized long add(Client client, long process) {
        Client[] table = clients;
        int handle = 1;
        while (handle < table.length && table[handle] != null) {
            handle++;
        }
        put(handle, client, process);
        return handle;
    }

    private void put(int handle, Client client, long process) {
        Client[] table = clients;
        // A new array each time, so that readers see the element without a lock.
        int length = table.length;
        while (handle >= length) {
            length *= 2;
        }
        Client[] next = Arrays.copyOf(table, length);
        next[handle] = client;
        clients = next;
        processes.put((long) handle, process);
        open++;
    }

    /** The open handles, each with its process. */
    synchronized Map<Long, Long> processes() {
        return Map.copyOf(processes);
    }

    /** Adds one under the number that it has already. */
    synchronized void restore(long handle, Client client, long process) {
        put(Math.toIntExact(handle), client, process);
    }

    /** The client of a handle, or null if there is none of that number. */
    Client get(long handle) {
        Client[] table = clients;
        return handle > NONE && handle < table.length ? table[(int) handle] : null;
    }

    /** Takes a handle out; null if there is none of that number. */
    synchronized Client remove(long handle) {
        Client client = get(handle);
        if (client != null) {
            Client[] next = clients.clone();
            next[(int) handle] = null;
            clients = next;
            processes.remove(handle);
            open--;
        }
        return client;
    }

    synchronized List<Client> removeAll() {
        List<Client> all = Stream.of(clients).filter(Objects::nonNull).toList();
        clients = new Client[16];
        processes.clear();
        open = 0;
        return all;
    }

    synchronized int count() {
        return open;
    }
}
