package io.diskport.api.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExportInfoTest {
    private final Map<String, String> details = new LinkedHashMap<>();
    private final List<RequestStats> requests = new ArrayList<>();

    @Test
    void whatItsMakerChangesLaterIsNotSeen() {
        ExportInfo info = new ExportInfo("/srv/disk", details, requests);
        details.put("engine", "libfuse");
        requests.add(new RequestStats("READ", 1, 0, 0, Latency.NONE));
        assertEquals(Map.of(), info.details());
        assertEquals(List.of(), info.requests());
    }

    @Test
    void nobodyCanChangeIt() {
        ExportInfo info = new ExportInfo("/srv/disk", details, requests);
        assertThrows(UnsupportedOperationException.class, () -> info.details().put("a", "b"));
        assertThrows(UnsupportedOperationException.class, () -> info.requests().add(null));
    }

    @Test
    void detailsStayInTheOrderGiven() {
        List<String> names = List.of("zeta", "engine", "allow-other", "growable", "beta", "alpha");
        names.forEach(name -> details.put(name, "on"));
        ExportInfo info = new ExportInfo("/srv/disk", details);
        assertEquals(names, List.copyOf(info.details().keySet()));
    }

    @Test
    void withoutCountsThereAreNoRequests() {
        assertEquals(List.of(), new ExportInfo("/srv/disk", details).requests());
        assertEquals(List.of(), ExportInfo.NONE.requests());
    }
}
