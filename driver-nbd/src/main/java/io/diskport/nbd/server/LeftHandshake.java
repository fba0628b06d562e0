package io.diskport.nbd.server;

import java.nio.channels.SocketChannel;
import java.util.Map;

/** A handshake that one version of the driver leaves to the next, between two options. */
final class LeftHandshake {
    private LeftHandshake() {}

    /**
     * All of it, in types of the JDK.
     *
     * @param input bytes that have come and were not taken
     */
    static Map<String, Object> save(SocketChannel channel, HandshakeState state, byte[] input) {
        return Map.of(
                "channel",
                channel,
                "input",
                input,
                "greeted",
                state.greeted,
                "flagged",
                state.flagged,
                "noZeroes",
                state.noZeroes,
                "reply",
                state.reply.name(),
                "contexts",
                state.contexts,
                "contextsOf",
                state.contextsOf);
    }

    static HandshakeState state(Map<?, ?> saved) {
        HandshakeState state = new HandshakeState();
        state.greeted = (Boolean) saved.get("greeted");
        state.flagged = (Boolean) saved.get("flagged");
        state.noZeroes = (Boolean) saved.get("noZeroes");
        state.reply = Reply.valueOf((String) saved.get("reply"));
        state.contexts = (Integer) saved.get("contexts");
        state.contextsOf = (String) saved.get("contextsOf");
        return state;
    }

    static byte[] input(Map<?, ?> saved) {
        return (byte[]) saved.get("input");
    }

    static SocketChannel channel(Map<?, ?> saved) {
        return (SocketChannel) saved.get("channel");
    }
}
