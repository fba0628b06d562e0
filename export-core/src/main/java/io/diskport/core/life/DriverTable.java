package io.diskport.core.life;

import io.diskport.api.manage.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The drivers that are there now. For one type the highest ranking serves, then the highest bundle
 * version, then the one that came first; a placeholder never serves. Guarded by the graph.
 */
final class DriverTable {
    private static final Comparator<DriverRef> BEST_FIRST =
            Comparator.comparing(
                            (DriverRef driver) -> driver.identity().ranking(),
                            Comparator.reverseOrder())
                    .thenComparing(
                            driver -> driver.identity().version(), Comparator.reverseOrder());

    private final List<DriverRef> drivers = new ArrayList<>();

    void add(DriverRef driver) {
        drivers.add(driver);
        sort();
    }

    void sort() {
        drivers.sort(BEST_FIRST);
    }

    void remove(DriverRef driver) {
        drivers.remove(driver);
    }

    Optional<DriverRef> serving(Kind kind, String type) {
        return of(kind, type).filter(driver -> !driver.isPlaceholder()).findFirst();
    }

    Optional<DriverRef> placeholder(Kind kind, String type) {
        return of(kind, type).filter(DriverRef::isPlaceholder).findFirst();
    }

    List<DriverRef> all() {
        return List.copyOf(drivers);
    }

    /** The types that a driver serves, for messages. */
    List<String> types(Kind kind) {
        return drivers.stream()
                .filter(driver -> driver.identity().kind() == kind && !driver.isPlaceholder())
                .map(driver -> driver.identity().type())
                .distinct()
                .sorted()
                .toList();
    }

    private Stream<DriverRef> of(Kind kind, String type) {
        return drivers.stream()
                .filter(
                        driver ->
                                driver.identity().kind() == kind
                                        && driver.identity().type().equals(type));
    }
}
