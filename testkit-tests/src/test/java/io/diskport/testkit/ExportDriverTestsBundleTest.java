package io.diskport.testkit;

import io.diskport.api.manage.ExportEntry;
import io.diskport.testkit.bad.BadExportDriver.Bug;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.Arguments;

/** Whether the tests of export drivers find what they are there to find. */
class ExportDriverTestsBundleTest extends PlantedBugs<Bug, ExportDriverTests> {
    @Override
    ExportDriverTests of(Bug bug) {
        return new Bad(bug);
    }

    private static class Bad extends ExportDriverTests {
        private final Bug bug;

        Bad(Bug bug) {
            this.bug = bug;
        }

        @Override
        protected String type() {
            return "bad";
        }

        @Override
        protected Path bundle() {
            return PlantedBugs.bundle();
        }

        @Override
        protected Map<String, Object> options(String id) {
            return Map.of("path", folder.resolve(id).toString(), "bug", BadBundle.option(bug));
        }

        @Override
        protected boolean keepsClients() {
            return true;
        }

        @Override
        protected ExportClient connect(ExportEntry export) throws IOException {
            return new BadClient(Path.of(export.info().address()));
        }
    }

    @Nested
    class AGoodDriverPasses extends Bad {
        AGoodDriverPasses() {
            super(Bug.NONE);
        }
    }

    static Stream<Arguments> bugs() {
        return Stream.of(
                bug(Bug.HAS_NO_ADDRESS, ExportDriverTests::hasAnAddress, "where clients find it"),
                bug(
                        Bug.READS_BESIDE_IT,
                        ExportRequestTests::servesWhatIsOnTheNode,
                        "offset 1, length 511"),
                bug(
                        Bug.FAILS_BESIDE_OTHERS,
                        ExportRequestTests::requestsWaitWhileTheNodeIsDrained,
                        "errors of clients"),
                bug(
                        Bug.DROPS_CLIENTS_WHEN_HIDDEN,
                        ExportDriverTests::servesWhoIsThereWhenItIsHidden,
                        "the export has gone"),
                bug(
                        Bug.LEAVES_CLIENTS_WAITING,
                        ExportDriverTests::endsWhileARequestHangsInTheNode,
                        "the client was left waiting"),
                bug(
                        Bug.LEAVES_CLIENTS_WAITING,
                        ExportDriverTests::endsUnderLoad,
                        "a client was left waiting"),
                bug(
                        Bug.LEAVES_ITS_SOCKET,
                        ExportDriverTests::waitsWhileItsDriverIsGone,
                        "is running"),
                bug(
                        Bug.LOSES_FLUSHES,
                        ExportRequestTests::whatIsWrittenIsOnTheNode,
                        "the flush reached the node"),
                bug(
                        Bug.IGNORES_FUA,
                        ExportRequestTests::whatIsToBeOnStableStorageReachesTheNodeAsSuch,
                        "reached the node with FUA"),
                bug(
                        Bug.LOSES_DISCARDS,
                        ExportRequestTests::discardsReachTheNode,
                        "a discard reaches the node"),
                bug(
                        Bug.ZEROES_TOO_MUCH,
                        ExportRequestTests::zeroesReachTheNode,
                        "only where they were wanted"),
                bug(
                        Bug.IGNORES_READ_ONLY,
                        ExportRequestTests::readOnlyExportIsNotWritten,
                        "a write to a read-only export has to fail"),
                bug(
                        Bug.READS_PAST_THE_END,
                        ExportRequestTests::nothingIsReadBeyondTheEnd,
                        "a read behind the end has to fail"),
                bug(
                        Bug.WRITES_PAST_THE_END,
                        ExportRequestTests::nothingIsWrittenBeyondTheEnd,
                        "a write behind the end has to fail"),
                bug(
                        Bug.SWALLOWS_ERRORS,
                        ExportRequestTests::errorsOfTheNodeReachTheClient,
                        "a read that failed in the node has to fail"),
                bug(
                        Bug.SWALLOWS_FLUSH_ERRORS,
                        ExportRequestTests::errorsOfTheNodeReachTheClientThatWritesOrFlushes,
                        "a flush that failed in the node has to fail"),
                bug(
                        Bug.IGNORES_A_RESIZE,
                        ExportRequestTests::anotherLengthIsSeen,
                        "new clients see the length 2097152, and not 1048576"),
                bug(
                        Bug.MIXES_EXPORTS,
                        ExportDriverTests::servesSeveralAtOnce,
                        "export 0 serves its own node"),
                bug(
                        Bug.HIDES_CLIENTS,
                        ExportDriverTests::isRefusedWhileAClientIsThere,
                        "was not refused"),
                bug(
                        Bug.FORGETS_NO_CLIENT,
                        ExportDriverTests::isRefusedWhileAClientIsThere,
                        "the client that has left is forgotten"),
                bug(
                        Bug.KEEPS_CLIENTS_AFTER_DELETE,
                        ExportDriverTests::whoIsThereWhenItEndsGetsAnError,
                        "a read of an export that has ended has to fail"),
                bug(
                        Bug.LEAVES_CLIENTS_WAITING,
                        ExportDriverTests::whoIsThereWhenItEndsGetsAnError,
                        "is not answered"),
                bug(
                        Bug.LEAVES_ITS_SOCKET,
                        LifeAndOptionTests::isMadeAgainAndAgainAndLeavesNothing,
                        "is refused"),
                bug(
                        Bug.LEAVES_A_DESCRIPTOR,
                        LifeAndOptionTests::isMadeAgainAndAgainAndLeavesNothing,
                        "descriptors are closed"),
                bug(
                        Bug.LEAVES_A_THREAD,
                        ExportDriverTests::updatesLeaveNothingBehind,
                        "threads end"),
                bug(
                        Bug.LEAVES_A_CLASS,
                        ExportDriverTests::updatesLeaveNothingBehind,
                        "class loaders of earlier versions go"),
                bug(
                        Bug.LOSES_A_BYTE_IN_A_HANDOVER,
                        ExportDriverTests::clientsLiveThroughUpdatesUnderLoad,
                        "is not what was there or was written"),
                bug(
                        Bug.BREAKS_AT_A_BOUNDARY,
                        LifeAndOptionTests::valuesAtTheEdgeAreTakenOrRefusedByName,
                        "the message names 'backlog'"));
    }

    @Test
    void everyBugIsLookedFor() {
        assertLookedFor(Bug.values(), bugs());
    }
}
