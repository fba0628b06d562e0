package io.diskport.fuse;

import io.diskport.api.manage.ExportEntry;
import io.diskport.fuse.testing.Host;
import io.diskport.testkit.ExportClient;
import io.diskport.testkit.ExportDriverTests;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;

/** Whether the driver does what every export driver has to, as the bundle that is shipped. */
class FuseExportBundleTest extends ExportDriverTests {
    @BeforeAll
    static void needMounts() {
        Host.requireMounts();
    }

    @Override
    protected String type() {
        return "fuse";
    }

    @Override
    protected List<String> needs() {
        return List.of("io.diskport.native-runtime");
    }

    @Override
    protected Map<String, Object> options(String id) throws IOException {
        Path mountpoint = folder.resolve(id);
        if (!Files.exists(mountpoint)) {
            Files.createFile(mountpoint);
        }
        return Map.of("mountpoint", mountpoint.toString());
    }

    @Override
    protected boolean keepsClients() {
        return true;
    }

    @Override
    protected ExportClient connect(ExportEntry export) throws IOException {
        Path file = Path.of(export.info().address());
        return new Client(
                file,
                export.writable()
                        ? FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)
                        : FileChannel.open(file, StandardOpenOption.READ));
    }

    private record Client(Path file, FileChannel channel) implements ExportClient {
        @Override
        public byte[] read(long offset, int length) throws IOException {
            ByteBuffer buffer = ByteBuffer.allocate(length);
            while (buffer.hasRemaining()) {
                if (channel.read(buffer, offset + buffer.position()) <= 0) {
                    throw new EOFException("only " + buffer.position() + " bytes");
                }
            }
            return buffer.array();
        }

        @Override
        public void write(long offset, byte[] bytes) throws IOException {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                channel.write(buffer, offset + buffer.position());
            }
        }

        @Override
        public void writeThrough(long offset, byte[] bytes) throws IOException {
            try (FileChannel through =
                    FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.DSYNC)) {
                through.write(ByteBuffer.wrap(bytes), offset);
            }
        }

        @Override
        public void flush() throws IOException {
            channel.force(true);
        }

        @Override
        public long length() throws IOException {
            return channel.size();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
