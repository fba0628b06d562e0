package io.diskport.nbd.server;

import io.diskport.api.export.Client;

/**
 * What a client has at an export.
 *
 * @param export the export
 * @param client how core knows it
 * @param agreement what was agreed on
 */
record Seat(NbdExport export, Client client, Agreement agreement) {}
