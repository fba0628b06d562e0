package io.diskport.nbd.stub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.diskport.api.BlockException;
import org.junit.jupiter.api.Test;

/** What the placeholder answers. */
class NbdPlaceholderTest {
    @Test
    void refusesToMakeAnExportAndSaysWhatToDeploy() {
        BlockException refusal =
                assertThrows(
                        BlockException.class,
                        () -> new NbdPlaceholder().create(null, new NbdPlaceholder.Options()));
        assertEquals(BlockException.Reason.UNAVAILABLE, refusal.reason());
        assertEquals(
                "no NBD driver is deployed; put driver-nbd.jar into deploy/", refusal.getMessage());
    }
}
