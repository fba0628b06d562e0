package io.diskport.vhost.blk;

import io.diskport.api.manage.ExportEntry;
import io.diskport.testkit.ExportClient;
import io.diskport.testkit.ExportDriverTests;
import io.diskport.vhost.blk.testing.GuestDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Whether the driver does what every export driver has to, as the bundle that is shipped. */
class VhostUserBlkExportBundleTest extends ExportDriverTests {
    private static final int QUEUES = 4;

    @Override
    protected String type() {
        return "vhost-user-blk";
    }

    @Override
    protected List<String> needs() {
        return List.of("io.diskport.native-runtime");
    }

    private Path socket(String id) {
        return folder.resolve(id + ".sock");
    }

    @Override
    protected Map<String, Object> options(String id) {
        return Map.of(
                "addr.type",
                "unix",
                "addr.path",
                socket(id).toString(),
                "num-queues",
                Integer.toString(QUEUES));
    }

    @Override
    protected boolean keepsClients() {
        return true;
    }

    @Override
    protected ExportClient connect(ExportEntry export) throws IOException {
        return GuestDisk.open(socket(export.id()), QUEUES);
    }
}
