package io.naap.keys.tier;

import io.quarkus.arc.DefaultBean;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import org.eclipse.microprofile.rest.client.inject.RestClient;

/** Reads the tiers of a tenant's plan from metering-service. */
@ApplicationScoped
@DefaultBean
class MeteringPlanTiers implements PlanTiers {
  private final PlanClient plans;

  MeteringPlanTiers(@RestClient PlanClient plans) {
    this.plans = plans;
  }

  @Override
  public Uni<List<String>> of(String tenantId, String authorization) {
    return plans.of(tenantId, authorization).map(PlanClient.Answer::tiers);
  }
}
