package io.naap.metering;

import io.naap.metering.outbox.Outbox;
import io.naap.metering.plan.OfferedPlan;
import io.naap.metering.plan.PlanResource;
import io.naap.metering.plan.Plans;
import io.naap.metering.stream.StreamReader;
import io.naap.metering.usage.UsageEventView;
import io.naap.metering.usage.UsagePage;
import io.naap.metering.usage.UsageRow;
import io.quarkus.runtime.annotations.RegisterForReflection;

/** Every record of this service that crosses JSON, for native executables. */
@RegisterForReflection(
    targets = {
      OfferedPlan.class,
      Outbox.Event.class,
      PlanResource.PlanPage.class,
      Plans.StoredCharges.class,
      StreamReader.Entry.class,
      UsageEventView.class,
      UsageEventView.Page.class,
      UsagePage.class,
      UsageRow.class
    })
public final class NativeTypes {
  private NativeTypes() {}
}
