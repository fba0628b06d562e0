package org.example.http;

import io.diskport.api.manage.ExportEntry;
import io.diskport.testkit.ExportClient;
import io.diskport.testkit.ExportDriverTests;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;

/** All that every export driver has to do. */
class HttpExportTest extends ExportDriverTests {
    @Override
    protected String type() {
        return "http";
    }

    @Override
    protected Map<String, Object> options(String id) {
        return Map.of("port", 0);
    }

    @Override
    protected boolean writes() {
        return false;
    }

    /** A client is registered for the time of a request only. */
    @Override
    protected boolean registersClients() {
        return false;
    }

    @Override
    protected ExportClient connect(ExportEntry export) {
        return new Client(URI.create(export.info().address()));
    }

    private record Client(URI address, HttpClient http) implements ExportClient {
        Client(URI address) {
            this(address, HttpClient.newHttpClient());
        }

        private HttpResponse<byte[]> send(HttpRequest.Builder request) throws IOException {
            try {
                return http.send(
                        request.timeout(Duration.ofSeconds(30)).build(),
                        HttpResponse.BodyHandlers.ofByteArray());
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }

        @Override
        public byte[] read(long offset, int length) throws IOException {
            HttpResponse<byte[]> response =
                    send(
                            HttpRequest.newBuilder(address)
                                    .header(
                                            "Range",
                                            "bytes=" + offset + "-" + (offset + length - 1)));
            if (response.statusCode() != 206 || response.body().length != length) {
                throw new IOException("status " + response.statusCode());
            }
            return response.body();
        }

        @Override
        public long length() throws IOException {
            return send(HttpRequest.newBuilder(address).method("HEAD", HttpRequest.BodyPublishers.noBody()))
                    .headers()
                    .firstValueAsLong("Content-Length")
                    .orElseThrow();
        }

        @Override
        public void write(long offset, byte[] bytes) throws IOException {
            HttpResponse<byte[]> response =
                    send(
                            HttpRequest.newBuilder(address)
                                    .PUT(HttpRequest.BodyPublishers.ofByteArray(bytes)));
            if (response.statusCode() != 200) {
                throw new IOException("status " + response.statusCode());
            }
        }

        @Override
        public void flush() {
            // There is nothing to flush.
        }

        @Override
        public void close() {
            // It closes its connections when they are idle.
        }
    }
}
