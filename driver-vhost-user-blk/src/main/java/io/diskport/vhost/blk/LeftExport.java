package io.diskport.vhost.blk;

import io.diskport.api.Handover;
import io.diskport.natives.NativeDescriptor;
import io.diskport.support.Closing;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What an export of one version of the driver leaves to the next: in types of the JDK, and
 * descriptors.
 *
 * @param listening where front-ends connect
 * @param frontEnd see {@link FrontEnd#suspend}; empty if nobody was connected
 */
record LeftExport(ListeningSocket listening, Optional<Map<?, ?>> frontEnd) {
    private static final String FORMAT = "vhost-user-blk-export";

    /** Rises when an older version could not read it. */
    private static final int MAJOR = 1;

    /** What was left, if this version knows it and the export is the same; else it is closed. */
    static Optional<LeftExport> read(
            Handover left, VhostUserBlkOptions options, System.Logger log) {
        boolean known = left.is(FORMAT, MAJOR);
        if (known && key(options).equals(left.state().get("options"))) {
            Map<?, ?> state = left.state();
            Optional<SocketFile> file =
                    state.get("path") instanceof String path
                            ? Optional.of(new SocketFile(Path.of(path), (String) state.get("key")))
                            : Optional.empty();
            ListeningSocket listening =
                    new ListeningSocket((NativeDescriptor) state.get("socket"), file);
            return Optional.of(
                    new LeftExport(
                            listening, Optional.ofNullable((Map<?, ?>) state.get("front-end"))));
        }
        log.log(
                Level.WARNING,
                known
                        ? "Front-ends have to connect anew: the export''s options are others now"
                        : "Front-ends have to connect anew: this version does not know {0} {1}",
                left.format(),
                left.major());
        Closing.all(left.state(), log);
        return Optional.empty();
    }

    /** A front-end cannot stay where what it was told of the device is not true any more. */
    private static String key(VhostUserBlkOptions options) {
        return options.toString();
    }

    /**
     * Everything.
     *
     * @param frontEnd of {@link FrontEnd#suspend}, or empty
     */
    static Handover save(
            Map<String, Object> frontEnd, VhostUserBlkOptions options, ListeningSocket listening) {
        Map<String, Object> state = new HashMap<>();
        state.put("options", key(options));
        state.put("socket", listening.release());
        // The file goes if nobody goes on; whoever does forgets that.
        listening
                .file()
                .ifPresent(
                        file -> {
                            state.put("path", file.path().toString());
                            state.put("key", file.key());
                            state.put("file", (AutoCloseable) file::remove);
                        });
        if (!frontEnd.isEmpty()) {
            state.put("front-end", frontEnd);
        }
        return new Handover(FORMAT, MAJOR, state);
    }
}
