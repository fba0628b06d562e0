package io.diskport.nbd.server;

import io.diskport.api.Handover;
import io.diskport.support.Closing;
import java.lang.System.Logger.Level;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a server of one version of the driver leaves to the next.
 *
 * @param socket listens
 * @param names of exports that will be there again
 * @param handshakes see {@link LeftHandshake}
 */
record LeftServer(ServerSocketChannel socket, List<String> names, List<Map<?, ?>> handshakes) {
    private static final String FORMAT = "nbd-server";
    private static final int MAJOR = 1;

    /** What was left, if this version knows it and the address is the same; else it is closed. */
    static Optional<LeftServer> read(Handover left, NbdServerOptions options, System.Logger log) {
        boolean known = left.is(FORMAT, MAJOR);
        if (known && options.addr().toString().equals(left.state().get("address"))) {
            List<Map<?, ?>> handshakes = new ArrayList<>();
            ((List<?>) left.state().get("handshakes"))
                    .forEach(saved -> handshakes.add((Map<?, ?>) saved));
            List<String> names = new ArrayList<>();
            ((List<?>) left.state().get("names")).forEach(name -> names.add((String) name));
            return Optional.of(
                    new LeftServer(
                            (ServerSocketChannel) left.state().get("socket"), names, handshakes));
        }
        log.log(
                Level.WARNING,
                known
                        ? "Listens anew: its address is another now"
                        : "Listens anew: this version does not know " + left.format());
        Closing.all(left.state(), log);
        return Optional.empty();
    }

    /**
     * Everything, in types of the JDK.
     *
     * @param file the socket's, which goes if nobody goes on; whoever does forgets that
     */
    static Handover save(
            ServerSocketChannel socket,
            String address,
            List<String> names,
            List<Map<String, Object>> handshakes,
            Optional<SocketFile> file) {
        Map<String, Object> state = new HashMap<>();
        state.put("socket", socket);
        state.put("address", address);
        state.put("names", names);
        state.put("handshakes", handshakes);
        file.ifPresent(path -> state.put("file", (AutoCloseable) path::remove));
        return new Handover(FORMAT, MAJOR, state);
    }
}
