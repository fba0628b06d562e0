package io.diskport.cline.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.felix.gogo.runtime.CommandProcessorImpl;
import org.apache.felix.gogo.runtime.threadio.ThreadIOImpl;
import org.apache.felix.service.command.Function;
import org.apache.felix.service.command.Process;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ConversationTest {
    @TempDir private Path folder;

    // One for all tests: it replaces System.out, and what replaces that may do so late.
    private static final ThreadIOImpl IO = new ThreadIOImpl();

    private final CountDownLatch sleeping = new CountDownLatch(1);
    private SocketChannel client;
    private Thread server;

    @BeforeAll
    static void redirect() {
        IO.start();
    }

    @AfterAll
    static void restore() {
        IO.stop();
    }

    @BeforeEach
    void connect() throws Exception {
        CommandProcessorImpl processor = new CommandProcessorImpl(IO);
        command(processor, "show", (session, arguments) -> arguments.toString());
        command(
                processor,
                "refuse",
                (session, arguments) -> {
                    Process.Utils.current().err().println("refused");
                    Process.Utils.current().error(1);
                    return null;
                });
        command(
                processor,
                "sleep",
                (session, arguments) -> {
                    sleeping.countDown();
                    Thread.sleep(50_000);
                    return null;
                });
        command(
                processor,
                "chatter",
                (session, arguments) -> {
                    while (!Thread.currentThread().isInterrupted()) {
                        Process.Utils.current().out().println("chatter");
                    }
                    return null;
                });
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(folder.resolve("s"));
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(address);
            client = SocketChannel.open(address);
            Conversation conversation = new Conversation(listener.accept(), processor);
            server = new Thread(conversation);
            server.start();
        }
    }

    @AfterEach
    void leave() throws Exception {
        client.close();
        server.join(20_000);
        assertEquals(Thread.State.TERMINATED, server.getState());
    }

    @Test
    void wordsReachTheCommandAsTheyAre() throws Exception {
        send('W', "show\0a b\0$x\0'q\0\0{\"j\": [1]}\0*");
        assertEquals("O[a b, $x, 'q, , {\"j\": [1]}, *]\nS0", answer());
    }

    @Test
    void aLineIsAsTyped() throws Exception {
        send('L', " x = 5; show 'a b' $x ; ");
        assertEquals("O[a b, 5]\nS0", answer());
        send('L', "show $x");
        assertEquals("O[5]\nS0", answer());
        send('L', "   ");
        assertEquals("S0", answer());
    }

    @Test
    void theStatusIsThatOfTheLastCommand() throws Exception {
        send('W', "refuse");
        assertEquals("Erefused\nS1", answer());
        send('L', "refuse; show 1");
        assertEquals("Erefused\nO[1]\nS0", answer());
        send('L', "show 1; refuse");
        assertTrue(answer().endsWith("S1"));
    }

    @Test
    void whatThereIsNotIsNamed() throws Exception {
        send('W', "tape");
        assertEquals("Ediskport: there is no command tape; see diskport ctl help\nS1", answer());
        send('W', "a b");
        assertEquals(
                "Ediskport: 'a b' is no name of a command; see diskport ctl help\nS1", answer());
        send('L', "show 'a");
        assertTrue(answer().endsWith("S1"));
    }

    @Test
    void anInterruptEndsTheCommandAndNotTheConversation() throws Exception {
        send('L', "sleep");
        sleeping.await();
        send('I', "");
        assertTrue(answer().endsWith("S1"));
        send('W', "show\0on");
        assertEquals("O[on]\nS0", answer());
    }

    @Test
    void anInterruptWhileMuchIsPrintedDoesNotEndTheConversation() throws Exception {
        send('L', "x = kept");
        assertTrue(answer().endsWith("S0"));
        for (int i = 0; i < 200; i++) {
            send('L', "chatter");
            read(read(5).position(1).getInt()); // It has begun.
            send('I', "");
            assertTrue(answer().endsWith("S1"));
        }
        send('L', "show $x");
        assertEquals("O[kept]\nS0", answer());
    }

    @Test
    void theEndOfTheClientEndsTheCommand() throws Exception {
        send('L', "sleep");
        sleeping.await();
        client.close();
        server.join(20_000);
        assertEquals(Thread.State.TERMINATED, server.getState());
    }

    @Test
    void nonsenseEndsTheConversation() throws Exception {
        client.write(ByteBuffer.wrap("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.UTF_8)));
        server.join(20_000);
        assertEquals(Thread.State.TERMINATED, server.getState());
    }

    private static void command(CommandProcessorImpl processor, String name, Function function) {
        processor.addCommand("test", function, name);
    }

    private void send(char kind, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        client.write(
                ByteBuffer.allocate(5 + bytes.length)
                        .put((byte) kind)
                        .putInt(bytes.length)
                        .put(bytes)
                        .flip());
    }

    /** All frames up to the status; neighbours of a kind as one. */
    private String answer() throws IOException {
        StringBuilder all = new StringBuilder();
        char before = 0;
        while (true) {
            ByteBuffer header = read(5);
            char kind = (char) header.get();
            ByteBuffer content = read(header.getInt());
            if (kind == 'S') {
                return all.append("S").append(content.getInt()).toString();
            }
            all.append(kind == before ? "" : String.valueOf(kind))
                    .append(StandardCharsets.UTF_8.decode(content));
            before = kind;
        }
    }

    private ByteBuffer read(int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining()) {
            assertTrue(client.read(buffer) >= 0, "the conversation goes on");
        }
        return buffer.flip();
    }
}
