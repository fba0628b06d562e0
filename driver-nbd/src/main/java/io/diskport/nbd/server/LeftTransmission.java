package io.diskport.nbd.server;

import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Map;

/**
 * A transmission that one version of the driver leaves to the next, between two requests.
 *
 * @param input bytes of requests that were not done
 * @param output replies that were not sent, in the buffers that they were made in
 * @param requested see {@link Transmission#restOf}
 * @param refused see {@link Transmission#toSkip}
 */
record LeftTransmission(byte[] input, List<ByteBuffer> output, long requested, long refused) {
    /** One that begins with what came behind the handshake. */
    static LeftTransmission of(byte[] input) {
        return new LeftTransmission(input, List.of(), Transmission.NONE, 0);
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
                "refused",
                refused,
                "reply",
                agreement.reply().name(),
                "features",
                agreement.features(),
                "contexts",
                agreement.contexts());
    }

    @SuppressWarnings("unchecked") // as it was saved
    static LeftTransmission transmission(Map<?, ?> saved) {
        return new LeftTransmission(
                (byte[]) saved.get("input"),
                (List<ByteBuffer>) saved.get("output"),
                (Long) saved.get("requested"),
                (Long) saved.get("refused"));
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
