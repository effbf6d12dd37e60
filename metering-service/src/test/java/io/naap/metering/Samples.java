package io.naap.metering;

import io.naap.contracts.events.JobOutcome;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Sample ids and helpers that the tests of this service share. */
public final class Samples {
  public static final String PLAN = "pln_01kaq3v7g8e2nb0p4m6r9t1x5z";
  private static final Ids IDS = new Ids(Clock.systemUTC(), new SecureRandom());

  private Samples() {}

  public static String id(IdKind kind) {
    return IDS.next(kind);
  }

  public static UsageRecorded image(String tenantId, String keyId) {
    return event(
        tenantId,
        keyId,
        "text-to-image",
        "succeeded",
        Units.of(Unit.REQUESTS, 1).with(Unit.PIXELS, 1_000_000).with(Unit.GENERATIONS, 1),
        PLAN + "@1",
        id(IdKind.SESSION),
        1);
  }

  public static UsageRecorded event(
      String tenantId,
      String keyId,
      String capability,
      String outcome,
      Units units,
      String plan,
      String instance,
      long position) {
    String request = id(IdKind.REQUEST);
    Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
    return new UsageRecorded(
        new UsageRecorded.Source(
            request + "-0", request, 0, instance, position, now.minusMillis(20), now),
        new UsageRecorded.Who(tenantId, keyId, List.of("team-a")),
        new UsageRecorded.What(capability, "some/model", "standard", "default", "gateway-a"),
        new UsageRecorded.End(
            "failed".equals(outcome) ? 502 : 200,
            JobOutcome.of(outcome),
            units,
            plan,
            Optional.empty(),
            NanoUsd.ZERO,
            20));
  }

  public static void await(String what, BooleanSupplier condition) {
    await(what, condition, 30);
  }

  public static void await(String what, BooleanSupplier condition, long seconds) {
    Instant end = Instant.now().plus(Duration.ofSeconds(seconds));
    while (!condition.getAsBoolean()) {
      if (Instant.now().isAfter(end)) {
        throw new AssertionError("not within " + seconds + " seconds: " + what);
      }
      try {
        Thread.sleep(10);
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
        throw new AssertionError(stopped);
      }
    }
  }
}
