package io.diskport.fuse.file;

import io.diskport.api.export.Client;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The open file handles: small numbers, each with its client; looking one up takes no lock. */
final class OpenHandles {
    /** The number that stands for no handle. */
    static final long NONE = 0;

    private volatile Client[] clients = new Client[16];
    private int open;

    synchronized long add(Client client) {
        Client[] table = clients;
        int handle = 1;
        while (handle < table.length && table[handle] != null) {
            handle++;
        }
        // A new array each time, so that readers see the element without a lock.
        Client[] next =
                Arrays.copyOf(table, handle < table.length ? table.length : table.length * 2);
        next[handle] = client;
        clients = next;
        open++;
        return handle;
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
            open--;
        }
        return client;
    }

    synchronized List<Client> removeAll() {
        List<Client> all = Stream.of(clients).filter(Objects::nonNull).toList();
        clients = new Client[16];
        open = 0;
        return all;
    }

    synchronized int count() {
        return open;
    }
}
