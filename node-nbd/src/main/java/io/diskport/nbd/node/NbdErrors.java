package io.diskport.nbd.node;

import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.nbd.protocol.Nbd;
import java.io.IOException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;

/** The protocol's errors and the JDK's, as those of Linux and as texts. */
final class NbdErrors {
    private NbdErrors() {}

    /** The error that a server's number stands for (section "Error values"). */
    static Errno errno(int number) {
        return switch (number) {
            case Nbd.EPERM -> Errno.EPERM;
            case Nbd.EIO -> Errno.EIO;
            case Nbd.ENOMEM -> Errno.ENOMEM;
            case Nbd.ENOSPC -> Errno.ENOSPC;
            case Nbd.EOVERFLOW -> Errno.EOVERFLOW;
            case Nbd.ENOTSUP -> Errno.EOPNOTSUPP;
            case Nbd.ESHUTDOWN -> Errno.ESHUTDOWN;
            // the section says so of unknown numbers
            default -> Errno.EINVAL;
        };
    }

    /** What an exception says about a connection, for people. */
    static String text(IOException e) {
        if (e instanceof UnknownHostException) {
            return "the host is not known";
        }
        if (e instanceof ClosedChannelException) {
            return "the connection was closed";
        }
        String text = e.getMessage();
        if ("Broken pipe".equals(text) || "Connection reset".equals(text)) {
            return "the server closed the connection";
        }
        return text == null ? e.getClass().getSimpleName() : text;
    }

    /** What a server says, on one line. */
    static String quoted(byte[] text) {
        return new String(text, StandardCharsets.UTF_8).replaceAll("\\p{Cntrl}+", " ").strip();
    }

    /** The name of a request for messages. */
    static String verb(int command) {
        return switch (command) {
            case Nbd.CMD_READ -> "read";
            case Nbd.CMD_WRITE -> "write";
            case Nbd.CMD_FLUSH -> "flush";
            case Nbd.CMD_TRIM -> "discard";
            case Nbd.CMD_CACHE -> "prefetch";
            case Nbd.CMD_WRITE_ZEROES -> "zero";
            case Nbd.CMD_BLOCK_STATUS -> "get the status of";
            case Nbd.CMD_RESIZE -> "resize";
            default -> "do request " + command + " on";
        };
    }

    /** What a failed request wanted, and of whom: {@code Failed to read 1 bytes at …: }. */
    static String failed(Request request, Object address) {
        StringBuilder text = new StringBuilder("Failed to ").append(verb(request.command()));
        if (request.command() == Nbd.CMD_RESIZE) {
            text.append(" to ").append(request.offset()).append(" bytes '");
        } else if (request.command() == Nbd.CMD_FLUSH) {
            text.append(" '");
        } else {
            text.append(' ')
                    .append(request.length())
                    .append(" bytes at offset ")
                    .append(request.offset())
                    .append(" of '");
        }
        return text.append(address).append("': ").toString();
    }

    static BlockIOException closed(Request request, Object address, IOException cause) {
        String text = failed(request, address) + "the node is being closed";
        return new BlockIOException(Errno.ESHUTDOWN, text, cause);
    }

    /**
     * There is nothing to send it over.
     *
     * @param cause why not, or null
     */
    static BlockIOException notConnected(Request request, Object address, IOException cause) {
        String why = cause == null ? "not yet" : text(cause);
        String text = failed(request, address) + "there is no connection (" + why + ")";
        return new BlockIOException(Errno.EIO, text, cause);
    }
}
