package io.naap.router.live;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.rating.TenantPlan;
import io.naap.router.routing.Route;
import io.vertx.core.MultiMap;
import java.time.Instant;
import java.util.Optional;

/**
 * A stream as every router must know it; it is kept in Redis as one flat JSON object.
 *
 * @param streamId {@code str_...}, its name at the gateway too
 * @param requestId of its whole life
 * @param plan with the prices under which the stream began
 */
public record LiveSession(
    String streamId,
    String requestId,
    KeyProfile profile,
    TenantPlan plan,
    @JsonUnwrapped Work work,
    @JsonUnwrapped At where,
    Instant opened,
    Optional<String> fundingId) {
  static final String LIVE_VIDEO = "live-video-to-video";

  /**
   * What the stream does.
   *
   * @param capability absent in what was written before there was more than one: live video
   */
  public record Work(String tier, String capability, String model) {
    public Work {
      if (capability == null) {
        capability = LIVE_VIDEO;
      }
    }
  }

  /** The names of the pool and the gateway that the stream is at. */
  public record At(String pool, String gateway) {}

  String tier() {
    return work.tier();
  }

  String capability() {
    return work.capability();
  }

  String model() {
    return work.model();
  }

  String pool() {
    return where.pool();
  }

  String gateway() {
    return where.gateway();
  }

  /** Tells the client the stream's name, and where it went. */
  void tell(MultiMap headers) {
    headers.set("x-naap-stream-id", streamId);
    headers.set("x-naap-route", "pool=" + pool() + ", gateway=" + gateway() + ", tier=" + tier());
  }

  /** The tenant's plan of now, with the prices under which the stream began. */
  TenantPlan pricedBy(TenantPlan now) {
    return new TenantPlan(
        now.tenantId(), plan.plan(), now.access(), now.standing(), plan.position());
  }

  /** The same stream at a gateway. */
  LiveSession at(Route route) {
    At at = new At(route.pool().name(), route.gateway().name());
    return new LiveSession(streamId, requestId, profile, plan, work, at, opened, fundingId);
  }

  LiveSession fundedBy(Optional<String> funding) {
    return new LiveSession(streamId, requestId, profile, plan, work, where, opened, funding);
  }
}
