package io.diskport.nbd.node;

import io.diskport.api.object.TlsCredentials;
import io.diskport.api.options.ObjectRef;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Options of nodes, mostly the defaults. */
record TestOptions(
        String uri,
        Optional<ObjectRef<TlsCredentials>> tlsCreds,
        Duration reconnectDelay,
        Duration openTimeout,
        int connections) {
    static TestOptions uri(String uri) {
        return new TestOptions(uri, Optional.empty(), Duration.ZERO, Duration.ZERO, 1);
    }

    static TestOptions unix(Path socket, String export) {
        return uri("nbd+unix:///" + export + "?socket=" + socket);
    }

    TestOptions tls(String id) {
        return new TestOptions(
                uri, Optional.of(new ObjectRef<>(id)), reconnectDelay, openTimeout, connections);
    }

    TestOptions reconnect(Duration delay) {
        return new TestOptions(uri, tlsCreds, delay, openTimeout, connections);
    }

    TestOptions openTimeout(Duration timeout) {
        return new TestOptions(uri, tlsCreds, reconnectDelay, timeout, connections);
    }

    TestOptions connections(int count) {
        return new TestOptions(uri, tlsCreds, reconnectDelay, openTimeout, count);
    }

    NbdNodeOptions get() {
        return new NbdNodeOptions(
                Optional.of(uri),
                Optional.empty(),
                Optional.empty(),
                tlsCreds,
                Optional.empty(),
                reconnectDelay,
                openTimeout,
                connections);
    }
}
