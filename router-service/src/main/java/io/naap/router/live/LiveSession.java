package io.naap.router.live;

import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.rating.TenantPlan;
import java.time.Instant;
import java.util.Optional;

/**
 * A live stream as every router must know it.
 *
 * @param streamId {@code str_...}, its name at the gateway too
 * @param requestId of its whole life
 */
public record LiveSession(
    String streamId,
    String requestId,
    KeyProfile profile,
    TenantPlan plan,
    String tier,
    String model,
    String pool,
    String gateway,
    Instant opened,
    Optional<String> fundingId) {
  /** The same stream at another gateway. */
  LiveSession at(String otherPool, String otherGateway) {
    return new LiveSession(
        streamId,
        requestId,
        profile,
        plan,
        tier,
        model,
        otherPool,
        otherGateway,
        opened,
        fundingId);
  }
}
