package io.diskport.nbd.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.nbd.testing.Wire.Style;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A client that says exactly what a test wants it to say, and takes no answer that the protocol
 * does not permit. It waits for ever: whoever uses it has a deadline. One thread.
 */
public final class NbdClient implements AutoCloseable {
    private static final int BUFFER = 64 << 10;
    private static final int MOST_CHUNK = 64 << 20;

    private final SocketChannel channel;
    private final Selector selector;
    private ByteBuffer in = ByteBuffer.allocate(BUFFER).limit(0);
    private final Map<Long, Answer> open = new LinkedHashMap<>();
    private final Map<Long, Answer> answered = new LinkedHashMap<>();
    private final Map<String, Integer> contexts = new LinkedHashMap<>();
    private Style style = Style.SIMPLE;
    private long cookies = 0x1122_3344_5566_0000L;
    private boolean veiled;
    private boolean deaf;
    private long size;
    private int features;

    private NbdClient(SocketChannel channel) throws IOException {
        this.channel = channel;
        channel.configureBlocking(false);
        this.selector = Selector.open();
        channel.register(selector, 0);
    }

    /** Connects, and says nothing. */
    public static NbdClient connect(SocketAddress address) throws IOException {
        return new NbdClient(SocketChannel.open(address));
    }

    /** Connects and takes an export, with metadata contexts if it names some. */
    public static NbdClient of(SocketAddress address, Style style, String name, String... contexts)
            throws IOException {
        NbdClient client = connect(address);
        boolean there = false;
        try {
            client.greet(3);
            client.agree(style);
            if (contexts.length > 0) {
                client.select(name, contexts);
            }
            client.go(name);
            there = true;
            return client;
        } finally {
            if (!there) {
                client.close();
            }
        }
    }

    public Style style() {
        return style;
    }

    /** The export's size when it was chosen. */
    public long size() {
        return size;
    }

    /** The transmission flags. */
    public int features() {
        return features;
    }

    /** The number of a metadata context. */
    public int context(String name) {
        return contexts.get(name);
    }

    // Bytes

    /** Has it read nothing while it sends, as if it had no memory. */
    public NbdClient deaf() {
        deaf = true;
        return this;
    }

    /** Sends all; what the server sends meanwhile is put by, or neither could go on. */
    public void send(byte[]... parts) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Wire.join(parts));
        veil(bytes, 0);
        while (bytes.hasRemaining()) {
            if (channel.write(bytes) == 0) {
                select(deaf ? SelectionKey.OP_WRITE : SelectionKey.OP_WRITE | SelectionKey.OP_READ);
                if (!deaf) {
                    fill();
                }
            }
        }
    }

    /** Sends what the socket takes now, and says how much that was. */
    public int sendSome(byte[] bytes) throws IOException {
        return channel.write(ByteBuffer.wrap(bytes));
    }

    /** Says that it sends nothing more. */
    public void endOutput() throws IOException {
        channel.shutdownOutput();
    }

    /** All that comes until the end. */
    public ByteBuffer receiveAll() throws IOException {
        try {
            while (fill()) {
                if (in.limit() == 0 || in.limit() < in.capacity()) {
                    select(SelectionKey.OP_READ);
                }
            }
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            // It was cut off: what has come before counts.
            return in;
        }
        return in;
    }

    private void select(int operations) throws IOException {
        channel.keyFor(selector).interestOps(operations);
        selector.select(key -> {});
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedIOException("the server does not go on");
        }
    }

    /** Takes what is there now; false at the end. */
    private boolean fill() throws IOException {
        if (!in.hasRemaining()) {
            in.clear().limit(0);
        } else if (in.limit() == in.capacity() && in.position() > 0) {
            in.compact().flip();
        }
        if (in.limit() == in.capacity()) {
            in = ByteBuffer.allocate(2 * in.capacity()).put(in).flip();
        }
        int begin = in.position();
        int end = in.limit();
        in.limit(in.capacity()).position(end);
        int received;
        try {
            received = channel.read(in);
        } finally {
            in.limit(in.position()).position(begin);
        }
        veil(in, end);
        return received >= 0;
    }

    public ByteBuffer receive(int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        while (bytes.hasRemaining()) {
            int there = Math.min(in.remaining(), bytes.remaining());
            bytes.put(in.slice(in.position(), there));
            in.position(in.position() + there);
            if (bytes.hasRemaining()) {
                awaitMore();
            }
        }
        return bytes.flip();
    }

    private void awaitMore() throws IOException {
        boolean more = fill();
        while (more && !in.hasRemaining()) {
            select(SelectionKey.OP_READ);
            more = fill();
        }
        if (!more) {
            throw new EOFException("the server has gone");
        }
    }

    private void veil(ByteBuffer bytes, int from) {
        for (int i = from; veiled && i < bytes.limit(); i++) {
            bytes.put(i, (byte) (bytes.get(i) ^ PassThroughTls.VEIL));
        }
    }

    /** Waits for the server to drop it, and says how many bytes came before. */
    public long awaitEnd() throws InterruptedIOException {
        long count = 0;
        try {
            while (true) {
                count += in.remaining();
                in.position(in.limit());
                awaitMore();
            }
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            return count;
        }
    }

    /** Whether something has come that was not looked at. */
    public boolean hasInput() throws IOException {
        return in.hasRemaining() || !fill() || in.hasRemaining();
    }

    // Handshake

    /** Takes the greeting and answers with flags. */
    public void greet(int flags) throws IOException {
        takeGreeting();
        send(ByteBuffer.allocate(4).putInt(flags).array());
    }

    public void takeGreeting() throws IOException {
        ByteBuffer greeting = receive(18);
        assertEquals(0x4e42444d41474943L, greeting.getLong(), "NBDMAGIC");
        assertEquals(0x49484156454F5054L, greeting.getLong(), "IHAVEOPT");
        assertEquals(3, greeting.getShort(), "handshake flags");
    }

    public void option(int option, byte... data) throws IOException {
        send(Wire.option(option, data));
    }

    /** The answers to an option, up to the last one. */
    public List<OptionReply> replies(int option) throws IOException {
        List<OptionReply> replies = new ArrayList<>();
        do {
            ByteBuffer header = receive(20);
            assertEquals(0x3e889045565a9L, header.getLong(), "magic of an option's reply");
            assertEquals(option, header.getInt(), "the option that is answered");
            int type = header.getInt();
            int length = header.getInt();
            assertTrue(length >= 0 && length < MOST_CHUNK, "length " + length);
            byte[] data = receive(length).array();
            assertTrue(type != Wire.REP_ACK || length == 0, "an ACK with data");
            replies.add(new OptionReply(type, data));
        } while (!replies.get(replies.size() - 1).isLast());
        return replies;
    }

    /** Sends an option, and gives the type of the last answer. */
    public int ask(int option, byte... data) throws IOException {
        option(option, data);
        List<OptionReply> replies = replies(option);
        return replies.get(replies.size() - 1).type();
    }

    /** Agrees on how to speak. */
    public void agree(Style wanted) throws IOException {
        if (wanted == Style.STRUCTURED) {
            assertEquals(Wire.REP_ACK, ask(Wire.OPT_STRUCTURED_REPLY), "STRUCTURED_REPLY");
        } else if (wanted == Style.EXTENDED) {
            assertEquals(Wire.REP_ACK, ask(Wire.OPT_EXTENDED_HEADERS), "EXTENDED_HEADERS");
        }
        style = wanted;
    }

    /** Selects metadata contexts, all of which are there. */
    public void select(String export, String... names) throws IOException {
        option(Wire.OPT_SET_META_CONTEXT, Wire.contexts(export, names));
        for (OptionReply reply : replies(Wire.OPT_SET_META_CONTEXT)) {
            if (reply.type() == Wire.REP_META_CONTEXT) {
                contexts.put(reply.textFrom(4), reply.fields().getInt());
            }
        }
        assertEquals(List.of(names), List.copyOf(contexts.keySet()));
    }

    /** Takes an export. */
    public void go(String name) throws IOException {
        option(Wire.OPT_GO, Wire.info(Wire.utf8(name)));
        took(replies(Wire.OPT_GO));
    }

    /** What an answer to GO means for what follows. */
    public void took(List<OptionReply> replies) {
        OptionReply last = replies.get(replies.size() - 1);
        assertEquals(Wire.REP_ACK, last.type(), () -> "GO: " + last);
        OptionReply info =
                replies.stream()
                        .filter(reply -> reply.type() == Wire.REP_INFO && reply.infoType() == 0)
                        .findFirst()
                        .orElseThrow();
        assertEquals(12, info.data().length, "INFO_EXPORT");
        size = info.fields().getLong(2);
        features = info.fields().getShort(10) & 0xffff;
    }

    /** Takes an export by EXPORT_NAME. */
    public void exportName(String name, boolean zeroes) throws IOException {
        option(Wire.OPT_EXPORT_NAME, Wire.utf8(name));
        ByteBuffer answer = receive(zeroes ? 134 : 10);
        size = answer.getLong();
        features = answer.getShort() & 0xffff;
        while (answer.hasRemaining()) {
            assertEquals(0, answer.get(), "zeroes behind the flags");
        }
    }

    /** Goes on veiled, as {@link PassThroughTls} does, with a name for itself. */
    public void startTls(String identity) throws IOException {
        assertEquals(Wire.REP_ACK, ask(Wire.OPT_STARTTLS), "STARTTLS");
        secure(identity);
    }

    /** What follows on the answer to STARTTLS. */
    public void secure(String identity) throws IOException {
        send(Wire.utf8(identity + "\n"));
        veiled = true;
        style = Style.SIMPLE;
    }

    // Transmission

    /** Remembers a request whose bytes are sent by other means. */
    public long expect(int type, int flags, long offset, long length) {
        cookies++;
        open.put(cookies, new Answer(type, flags, offset, length));
        return cookies;
    }

    /** Sends many requests without a payload at once, and gives their cookies. */
    public List<Long> submitMany(int count, int type, long offset, long length) throws IOException {
        List<Long> cookies = new ArrayList<>();
        byte[][] requests = new byte[count][];
        for (int i = 0; i < count; i++) {
            cookies.add(expect(type, 0, offset, length));
            requests[i] = Wire.request(style, 0, type, cookies.get(i), offset, length);
        }
        send(requests);
        return cookies;
    }

    /** Sends a request with its payload; WRITE gets the flag that it needs. */
    public long submit(int type, int flags, long offset, long length, byte... payload)
            throws IOException {
        int all = flags;
        if (type == Wire.WRITE && style == Style.EXTENDED) {
            all |= Wire.PAYLOAD_LEN;
        }
        long cookie = expect(type, all, offset, length);
        send(Wire.request(style, all, type, cookie, offset, length), payload);
        return cookie;
    }

    /** Waits for the answer to one request; others may come before. */
    public Answer await(long cookie) throws IOException {
        while (!answered.containsKey(cookie)) {
            assertTrue(open.containsKey(cookie), "no such request");
            take();
        }
        return answered.remove(cookie);
    }

    /** Waits for whatever answer is complete next, and gives its cookie. */
    public long awaitAny() throws IOException {
        while (answered.isEmpty()) {
            take();
        }
        return answered.keySet().iterator().next();
    }

    /** How many requests were not answered. */
    public int unanswered() {
        return open.size();
    }

    public Answer call(int type, int flags, long offset, long length, byte... payload)
            throws IOException {
        return await(submit(type, flags, offset, length, payload));
    }

    public byte[] read(long offset, int length) throws IOException {
        Answer answer = call(Wire.READ, 0, offset, length);
        assertEquals(0, answer.error, () -> "READ: " + answer.message);
        return answer.data;
    }

    public void write(long offset, byte[] data) throws IOException {
        Answer answer = call(Wire.WRITE, 0, offset, data.length, data);
        assertEquals(0, answer.error, () -> "WRITE: " + answer.message);
    }

    /** Leaves in the polite way. */
    public void disconnect() throws IOException {
        send(Wire.request(style, 0, Wire.DISC, 0, 0, 0));
    }

    private void take() throws IOException {
        switch (receive(4).getInt()) {
            case 0x67446698 -> takeSimple();
            case 0x668e33ef -> takeChunk(false);
            case 0x6e8a278c -> takeChunk(true);
            default -> throw new AssertionError("a reply that begins with something else");
        }
    }

    private void takeSimple() throws IOException {
        ByteBuffer header = receive(12);
        int error = header.getInt();
        long cookie = header.getLong();
        Answer answer = open.get(cookie);
        assertNotNull(answer, "a reply to no request");
        assertTrue(
                style == Style.SIMPLE || style == Style.STRUCTURED && answer.type != Wire.READ,
                "a simple reply");
        int length = answer.simple(error);
        if (length > 0) {
            answer.data = receive(length).array();
        }
        answered(cookie, answer);
    }

    private void takeChunk(boolean extended) throws IOException {
        assertEquals(extended ? Style.EXTENDED : Style.STRUCTURED, style, "style of a chunk");
        ByteBuffer header = receive(extended ? 28 : 16);
        int flags = header.getShort() & 0xffff;
        int type = header.getShort() & 0xffff;
        long cookie = header.getLong();
        Answer answer = open.get(cookie);
        assertNotNull(answer, "a chunk to no request");
        if (extended) {
            assertEquals(answer.offset, header.getLong(), "the request's offset");
        }
        long length = extended ? header.getLong() : header.getInt() & 0xffff_ffffL;
        assertTrue(length >= 0 && length <= MOST_CHUNK, "a chunk of " + length);
        answer.chunk(flags, type, receive((int) length));
        if (answer.isDone()) {
            answered(cookie, answer);
        }
    }

    private void answered(long cookie, Answer answer) {
        open.remove(cookie);
        answered.put(cookie, answer);
    }

    @Override
    public void close() throws IOException {
        channel.close();
        selector.close();
    }
}
