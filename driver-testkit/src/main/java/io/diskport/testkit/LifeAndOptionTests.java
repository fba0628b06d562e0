package io.diskport.testkit;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.BlockException;
import io.diskport.api.manage.Entry;
import io.diskport.api.manage.EntryState;
import io.diskport.api.manage.Kind;
import io.diskport.api.manage.Manager;
import io.diskport.api.manage.OptionEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What drivers have to do right whatever they make: many lives, and their options. */
abstract class LifeAndOptionTests extends DriverTests {
    private static final String ID = "x";
    private static final int AT_ONCE = 4;
    private static final int ROUNDS = 3;

    /** What the driver makes. */
    abstract Kind kind();

    /** Who makes it, adding complete options, and shows it. */
    abstract Manager<? extends Entry> manager();

    /** Options that are enough to make one. */
    abstract Map<String, Object> all(String id) throws Exception;

    /** Uses what was made, as far as it can be used. */
    abstract void use(String id) throws Exception;

    /** Ends it. */
    abstract void delete(String id) throws Exception;

    // Life

    @Test
    final void isMadeAgainAndAgainAndLeavesNothing() throws Exception {
        Held held = null;
        for (int number = 0; number < UPDATES; number++) {
            live("same");
            if (number == 1) {
                held = new Held();
            }
        }
        held.assertNotMore(List.of());
    }

    @Test
    final void severalAreMadeAndEndAtOnce() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(AT_ONCE);
        try {
            List<Callable<Void>> lives = new ArrayList<>();
            for (int i = 0; i < AT_ONCE; i++) {
                String id = "at-once-" + i;
                all(id);
                lives.add(
                        () -> {
                            for (int round = 0; round < ROUNDS; round++) {
                                live(id);
                            }
                            return null;
                        });
            }
            List<Future<Void>> ended =
                    pool.invokeAll(lives, Await.patience().toSeconds(), TimeUnit.SECONDS);
            for (Future<Void> one : ended) {
                assertTrue(!one.isCancelled(), "all of them have lived and ended in time");
                one.get();
            }
        } catch (ExecutionException e) {
            throw new AssertionError(
                    "beside others that are made: " + e.getCause().getMessage(), e.getCause());
        } finally {
            pool.shutdownNow();
        }
        assertNothingIsLeft();
    }

    private void live(String id) throws Exception {
        add(all(id));
        use(id);
        delete(id);
    }

    final void add(Map<String, Object> options) {
        try {
            Entry added = manager().add(options);
            assertTrue(added.state() == EntryState.RUNNING, () -> "it runs: " + added);
        } catch (BlockException e) {
            throw new AssertionError("what can be made is refused: " + e.getMessage(), e);
        }
    }

    private void assertNothingIsLeft() {
        assertTrue(
                manager().list().stream().noneMatch(entry -> entry.type().equals(type())),
                () -> "nothing is left, or half made: " + manager().list());
    }

    // Options

    @Test
    final void unknownOptionIsRefusedByName() throws Exception {
        assertRefused("no-such-option", () -> manager().add(with(all(ID), "no-such-option", "1")));
        assertNothingIsLeft();
    }

    @Test
    final void optionThatHasToBeGivenIsMissedByName() throws Exception {
        Map<String, Object> enough = all(ID);
        for (OptionEntry option : runtime().drivers().options(kind(), type())) {
            if (option.required() && enough.containsKey(option.name())) {
                assertRefused(
                        option.name(), () -> manager().add(with(enough, option.name(), null)));
            }
        }
        assertNothingIsLeft();
    }

    @Test
    final void everyOptionRefusesWhatIsNoValueOfIt() throws Exception {
        Map<String, Object> enough = all(ID);
        for (OptionProbes.Probe probe : probes().wrong()) {
            assertRefused(
                    probe.named(),
                    () -> manager().add(with(enough, probe.option(), probe.value())));
        }
        assertNothingIsLeft();
    }

    @Test
    final void valuesAtTheEdgeAreTakenOrRefusedByName() throws Exception {
        Map<String, Object> enough = all(ID);
        for (OptionProbes.Probe probe : probes().boundaries()) {
            Map<String, Object> options = with(enough, probe.option(), probe.value());
            if (isTaken(options, probe)) {
                delete(ID);
            }
        }
        assertNothingIsLeft();
    }

    private boolean isTaken(Map<String, Object> options, OptionProbes.Probe probe) {
        try {
            manager().add(options);
            return true;
        } catch (BlockException e) {
            assertRefused(
                    probe.named(),
                    () -> {
                        throw e;
                    });
            return false;
        } catch (RuntimeException e) {
            throw new AssertionError(probe.option() + "=" + probe.value() + " ends in " + e, e);
        }
    }

    private OptionProbes probes() throws BlockException {
        return new OptionProbes(runtime().drivers(), kind(), type());
    }
}
