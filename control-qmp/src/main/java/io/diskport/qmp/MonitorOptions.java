package io.diskport.qmp;

import io.diskport.api.options.Option;

/**
 * The options of an object of type qmp-monitor.
 *
 * @param addr where its client is met
 * @param server whether it waits for clients there, one after the other, or goes there itself
 * @param pretty whether what it writes is for people
 */
public record MonitorOptions(
        @Option(description = "where to meet the client") MonitorAddress addr,
        @Option(
                        description = "wait for clients there; off: connect to it, once",
                        defaultValue = "on")
                boolean server,
        @Option(description = "write on many lines, for people", defaultValue = "off")
                boolean pretty) {}
