package io.diskport.nbd.server;

import java.nio.channels.SocketChannel;
import java.util.Map;

/**
 * A transmission that one version of the driver leaves to the next, between two requests.
 *
 * @param input bytes of requests that were not done
 * @param output bytes of replies that were not sent
 * @param requested see {@link Transmission#restOf}
 */
record LeftTransmission(byte[] input, byte[] output, long requested) {
    /** One that begins with what came behind the handshake. */
    static LeftTransmission of(byte[] input) {
        return new LeftTransmission(input, new byte[0], Transmission.NONE);
    }

    /** All of it, with the socket, in types of the JDK. */
    Map<String, Object> save(SocketChannel channel, Agreement agreement) {
        return Map.of(
                "channel",
                channel,
                "input",
                input,
                "output",
                output,
                "requested",
                requested,
                "reply",
                agreement.reply().name(),
                "features",
                agreement.features(),
                "contexts",
                agreement.contexts());
    }

    static LeftTransmission transmission(Map<?, ?> saved) {
        return new LeftTransmission(
                (byte[]) saved.get("input"),
                (byte[]) saved.get("output"),
                (Long) saved.get("requested"));
    }

    static Agreement agreement(Map<?, ?> saved) {
        return new Agreement(
                Reply.valueOf((String) saved.get("reply")),
                (Integer) saved.get("features"),
                (Integer) saved.get("contexts"),
                java.util.Optional.empty());
    }

    static SocketChannel channel(Map<?, ?> saved) {
        return (SocketChannel) saved.get("channel");
    }
}
