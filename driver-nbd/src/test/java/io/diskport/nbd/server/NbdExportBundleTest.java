package io.diskport.nbd.server;

import io.diskport.api.manage.ExportEntry;
import io.diskport.nbd.testing.Answer;
import io.diskport.nbd.testing.NbdClient;
import io.diskport.nbd.testing.Wire;
import io.diskport.testkit.ExportClient;
import io.diskport.testkit.ExportDriverTests;
import io.diskport.testkit.TestRuntime;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.Map;

/** Whether the driver does what every export driver has to, as the bundle that is shipped. */
class NbdExportBundleTest extends ExportDriverTests {
    @Override
    protected String type() {
        return "nbd";
    }

    private Path socket() {
        return folder.resolve("s");
    }

    @Override
    protected void prepare(TestRuntime started) throws Exception {
        started.objects()
                .add(
                        Map.of(
                                "qom-type",
                                "nbd-server",
                                "id",
                                "srv",
                                "addr.type",
                                "unix",
                                "addr.path",
                                socket().toString()));
    }

    @Override
    protected Map<String, Object> options(String id) {
        return Map.of("name", id, "server", "srv");
    }

    @Override
    protected boolean keepsClients() {
        return true;
    }

    @Override
    protected ExportClient connect(ExportEntry export) throws IOException {
        return new Client(
                NbdClient.of(
                        UnixDomainSocketAddress.of(socket()),
                        Wire.Style.STRUCTURED,
                        export.info().details().get("name")));
    }

    private record Client(NbdClient nbd) implements ExportClient {
        private byte[] call(int type, int flags, long offset, long length, byte... payload)
                throws IOException {
            Answer answer = nbd.call(type, flags, offset, length, payload);
            if (answer.error != 0) {
                throw new IOException("error " + answer.error);
            }
            return answer.data;
        }

        @Override
        public byte[] read(long offset, int length) throws IOException {
            return call(Wire.READ, 0, offset, length);
        }

        @Override
        public void write(long offset, byte[] bytes) throws IOException {
            call(Wire.WRITE, 0, offset, bytes.length, bytes);
        }

        @Override
        public void writeThrough(long offset, byte[] bytes) throws IOException {
            call(Wire.WRITE, Wire.FUA, offset, bytes.length, bytes);
        }

        @Override
        public void flush() throws IOException {
            call(Wire.FLUSH, 0, 0, 0);
        }

        @Override
        public void discard(long offset, long length) throws IOException {
            call(Wire.TRIM, 0, offset, length);
        }

        @Override
        public void writeZeroes(long offset, long length) throws IOException {
            call(Wire.WRITE_ZEROES, 0, offset, length);
        }

        @Override
        public long length() {
            return nbd.size();
        }

        @Override
        public void close() throws IOException {
            nbd.close();
        }
    }
}
