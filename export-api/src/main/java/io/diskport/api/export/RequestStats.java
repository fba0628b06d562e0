package io.diskport.api.export;

/**
 * What the requests of one operation of an export's protocol came to, since its driver made the
 * export.
 *
 * <p>A driver counts without locks, so numbers that are read while requests come and go may be out
 * of step with each other by those few.
 *
 * @param operation its name in the protocol: {@code READ}, {@code GETATTR}
 * @param finished requests that succeeded
 * @param failed requests that were answered with an error
 * @param inFlight requests that have begun and were not answered yet
 * @param latency of the finished ones, from the request's arrival to its answer
 */
public record RequestStats(
        String operation, long finished, long failed, long inFlight, Latency latency) {}
