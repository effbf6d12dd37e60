package io.naap.router.proxy;

import io.naap.contracts.events.RequestLogged;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.ids.EventId;
import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.money.NanoUsd;
import io.naap.router.routing.Route;
import java.time.Instant;
import java.util.Optional;

/**
 * What is recorded of one job.
 *
 * @param admitted when it was admitted: the minute, day and month that it counts in
 * @param upstreamMillis from forwarding to the end; 0 when no gateway got it
 */
record JobRecord(
    AdmittedJob job,
    Route route,
    JobEnd end,
    NanoUsd cost,
    Instant admitted,
    Instant ended,
    long upstreamMillis) {
  private String eventId() {
    return job.granted().hold().id();
  }

  private String requestId() {
    return EventId.requestId(eventId());
  }

  private long latencyMillis() {
    return ended.toEpochMilli() - job.opened().toEpochMilli();
  }

  /**
   * The event that is billed.
   *
   * @param instance the router's name
   * @param position of the event in the router's spool
   */
  UsageRecorded event(String instance, long position) {
    KeyProfile profile = job.profile();
    return new UsageRecorded(
        new UsageRecorded.Source(
            eventId(), requestId(), 0, instance, position, job.opened(), admitted),
        new UsageRecorded.Who(profile.tenantId(), profile.keyId(), profile.tags()),
        new UsageRecorded.What(
            job.capability(),
            job.model(),
            job.routed().tier(),
            route.pool().name(),
            route.gateway().name()),
        new UsageRecorded.End(
            end.status(),
            end.outcome(),
            end.units(),
            job.routed().plan().plan().reference(),
            job.granted().hold().fundingId(),
            cost,
            latencyMillis()));
  }

  /** The line of the tenant's request log. */
  RequestLogged line() {
    return new RequestLogged(
        new RequestLogged.Request(
            requestId(),
            job.opened(),
            job.profile().tenantId(),
            job.profile().keyId(),
            job.capability(),
            job.model()),
        new RequestLogged.Answer(
            end.status(),
            end.refusal(),
            Optional.of(route.pool().name()),
            Optional.of(route.gateway().name())),
        end.units(),
        cost,
        latencyMillis(),
        upstreamMillis);
  }
}
