package io.diskport.nbd.node;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A real server as a process, listening. */
final class ServerProcess implements AutoCloseable {
    private static final String LOOPBACK = "127.0.0.1";

    private final ProcessHandle process;
    private final Path log;

    private ServerProcess(Path log, ProcessHandle process) {
        this.log = log;
        this.process = process;
    }

    private static Process run(Path log, List<String> command) throws IOException {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    static ServerProcess nbdkit(Path socket, String... arguments) throws Exception {
        Files.deleteIfExists(socket);
        return start(socket, UnixDomainSocketAddress.of(socket), nbdkit("-U", socket, arguments));
    }

    static ServerProcess nbdkitTcp(Path log, int port, String... arguments) throws Exception {
        List<String> command = nbdkit("-p", port, arguments);
        command.addAll(2, List.of("-i", LOOPBACK));
        return start(log, new InetSocketAddress(LOOPBACK, port), command);
    }

    private static List<String> nbdkit(String option, Object value, String... arguments) {
        List<String> command =
                new ArrayList<>(List.of(Needs.tool("nbdkit"), "-f", "--exit-with-parent", option));
        command.add(value.toString());
        command.addAll(List.of(arguments));
        return command;
    }

    static ServerProcess qemuNbd(Path socket, String... arguments) throws Exception {
        Files.deleteIfExists(socket);
        List<String> command =
                new ArrayList<>(List.of(Needs.tool("qemu-nbd"), "-t", "-f", "raw", "-k"));
        command.add(socket.toString());
        command.addAll(List.of(arguments));
        return start(socket, UnixDomainSocketAddress.of(socket), command);
    }

    /** The reference server with one export named disk. */
    static ServerProcess nbdServer(Path folder, int port, Path file) throws Exception {
        Path configuration =
                Files.writeString(
                        folder.resolve("nbd-server.conf"),
                        String.join(
                                "\n",
                                "[generic]",
                                "listenaddr = " + LOOPBACK,
                                "port = " + port,
                                "allowlist = true",
                                "[disk]",
                                "exportname = " + file,
                                "flush = true",
                                "fua = true",
                                "trim = true",
                                ""));
        // it goes into the background, for only there it takes several connections
        Path pid = folder.resolve("nbd-server.pid");
        List<String> command =
                List.of(
                        Needs.tool("nbd-server"),
                        "-C",
                        configuration.toString(),
                        "-p",
                        pid.toString());
        Path log = folder.resolve("nbd-server.log");
        run(log, command).waitFor(20, TimeUnit.SECONDS);
        Eventually.await("the pid of nbd-server", () -> Files.exists(pid) && Files.size(pid) > 0);
        long number = Long.parseLong(Files.readString(pid).strip());
        ProcessHandle process = ProcessHandle.of(number).orElseThrow();
        return listening(
                new ServerProcess(log, process), new InetSocketAddress(LOOPBACK, port), command);
    }

    private static ServerProcess start(Path name, SocketAddress address, List<String> command)
            throws Exception {
        Path log = name.resolveSibling(name.getFileName() + ".log");
        return listening(new ServerProcess(log, run(log, command).toHandle()), address, command);
    }

    private static ServerProcess listening(
            ServerProcess server, SocketAddress address, List<String> command) throws Exception {
        try {
            Eventually.await(String.join(" ", command), () -> server.listensAt(address));
        } catch (Exception | AssertionError e) {
            server.close();
            throw e;
        }
        return server;
    }

    private boolean listensAt(SocketAddress address) throws IOException {
        if (!process.isAlive()) {
            throw new AssertionError("the server has ended: " + Files.readString(log));
        }
        try (SocketChannel channel = SocketChannel.open(address)) {
            return channel.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** A port that nobody has at the moment. */
    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(LOOPBACK))) {
            return socket.getLocalPort();
        }
    }

    /** As kill -9 does. */
    void kill() throws Exception {
        process.destroyForcibly();
        Eventually.await("the end of the server", () -> !process.isAlive());
    }

    @Override
    public void close() throws Exception {
        kill();
    }
}
