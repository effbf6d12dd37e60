package io.naap.router.live;

import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.rating.TenantPlan;
import io.vertx.core.MultiMap;
import java.time.Instant;
import java.util.Optional;

/**
 * A live stream as every router must know it.
 *
 * @param streamId {@code str_...}, its name at the gateway too
 * @param requestId of its whole life
 * @param capability absent in what was written before there was more than one: live video
 */
public record LiveSession(
    String streamId,
    String requestId,
    KeyProfile profile,
    TenantPlan plan,
    String tier,
    String capability,
    String model,
    String pool,
    String gateway,
    Instant opened,
    Optional<String> fundingId) {
  public LiveSession {
    if (capability == null) {
      capability = LiveBilling.LIVE_VIDEO;
    }
  }

  /** Its name, and where it went. */
  void tell(MultiMap headers) {
    headers.set("x-naap-stream-id", streamId);
    headers.set("x-naap-route", "pool=" + pool + ", gateway=" + gateway + ", tier=" + tier);
  }

  /** The tenant's plan of now, with the prices under which the stream began. */
  TenantPlan pricedBy(TenantPlan now) {
    return new TenantPlan(
        now.tenantId(),
        plan.plan(),
        now.prepaid(),
        now.tier(),
        now.tiers(),
        now.limits(),
        now.capabilities(),
        now.models(),
        now.standing(),
        plan.position());
  }

  /** The same stream at another gateway. */
  LiveSession at(String otherPool, String otherGateway) {
    return new LiveSession(
        streamId,
        requestId,
        profile,
        plan,
        tier,
        capability,
        model,
        otherPool,
        otherGateway,
        opened,
        fundingId);
  }
}
