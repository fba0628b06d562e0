package io.diskport.shell;

import io.diskport.api.manage.DriverEntry;
import io.diskport.api.manage.DriverManager;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Shows the driver tables. */
@Component(
        service = Command.class,
        property = {Command.SCOPE, Command.NAME + "drivers"})
public final class Drivers extends Command {
    private static final Manual MANUAL =
            new Manual(
                    "drivers",
                    "show what can be exported, and how",
                    List.of("[-v]"),
                    """
                    One line a driver. 'serving' makes what its type asks for; 'standby' would, if
                    another of its type were not before it; 'placeholder' holds the place of a driver
                    that is not deployed; 'not in service' misses something on this host.

                      -v  rankings, and bundles by their whole names
                    """,
                    List.of("drivers", "drivers -v"));

    private final DriverManager drivers;

    @Activate
    public Drivers(@Reference DriverManager drivers) {
        super(MANUAL, Set.of("-v"), Set.of());
        this.drivers = drivers;
    }

    @Override
    void run(Words words, Screen screen) throws io.diskport.api.BlockException {
        words.operands(new String[0]);
        boolean verbose = words.has("-v");
        Table table = new Table("KIND", "TYPE", "BUNDLE", "VERSION", "RANKING>", "STATE", "REASON");
        drivers.list().stream()
                .sorted(
                        Comparator.comparing(DriverEntry::kind)
                                .thenComparing(DriverEntry::type)
                                .thenComparing(DriverEntry::state))
                .forEach(
                        driver ->
                                table.row(
                                        driver.kind().toString(),
                                        driver.type(),
                                        verbose ? driver.bundle() : Texts.bundle(driver.bundle()),
                                        driver.version(),
                                        verbose ? Integer.toString(driver.ranking()) : "",
                                        driver.state().toString(),
                                        driver.reason()));
        screen.print(table);
    }
}
