package io.naap.router.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.json.Json;
import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.problem.Refusal;
import io.naap.contracts.rating.TenantPlan;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JobRulesTest {
  private static final KeyProfile KEY = key("[]", "[]");
  private static final TenantPlan PLAN = plan("[]", "[]", "good", "{}");

  private static KeyProfile key(String capabilities, String models) {
    return Json.read(
        """
        {"key_id":"key_1","tenant_id":"ten_1","name":"k","tags":[],"capabilities":%s,"models":%s,
         "allowed_cidrs":[],"allowed_origins":[],"limits":{},"tenant_limits":{},
         "revision":1,"ttl_seconds":60}
        """
            .formatted(capabilities, models),
        KeyProfile.class);
  }

  private static TenantPlan plan(
      String capabilities, String models, String standing, String limits) {
    return Json.read(
        """
        {"tenant_id":"ten_1","prepaid":true,"tier":"std","tiers":["std"],"limits":%s,
         "capabilities":%s,"models":%s,"standing":"%s"}
        """
            .formatted(limits, capabilities, models, standing),
        TenantPlan.class);
  }

  private static String code(Optional<Refusal> refusal) {
    return refusal.map(Refusal::code).orElse("");
  }

  @Test
  void emptyListsAllowEverything() {
    assertThat(JobRules.scope(KEY, "llm")).isEmpty();
    assertThat(JobRules.mayBegin(PLAN, "llm")).isEmpty();
    assertThat(JobRules.model(KEY, PLAN, "llm", "m")).isEmpty();
    assertThat(JobRules.mayGoOn(PLAN, "llm", "m", "std")).isEmpty();
  }

  @Test
  void aKeyMayUseWhatIsInItsScope() {
    KeyProfile narrow = key("[\"llm\"]", "[\"m\"]");

    assertThat(JobRules.scope(narrow, "llm")).isEmpty();
    assertThat(code(JobRules.scope(narrow, "upscale"))).isEqualTo("out_of_scope");
    assertThat(JobRules.model(narrow, PLAN, "llm", "m")).isEmpty();
    assertThat(code(JobRules.model(narrow, PLAN, "llm", "other"))).isEqualTo("out_of_scope");
  }

  @Test
  void aTenantMayUseWhatIsInItsPlan() {
    TenantPlan narrow = plan("[\"llm\"]", "[\"m\"]", "good", "{}");

    assertThat(code(JobRules.mayBegin(narrow, "upscale"))).isEqualTo("not_in_plan");
    assertThat(code(JobRules.model(KEY, narrow, "llm", "other"))).isEqualTo("not_in_plan");
    assertThat(code(JobRules.mayGoOn(narrow, "llm", "m", "gold"))).isEqualTo("not_in_plan");
  }

  @Test
  void anOverdueTenantIsToldToPayWhateverItAsksFor() {
    TenantPlan overdue = plan("[\"llm\"]", "[]", "suspended", "{}");

    assertThat(code(JobRules.mayBegin(overdue, "upscale"))).isEqualTo("payment_overdue");
    assertThat(code(JobRules.mayGoOn(overdue, "llm", "m", "std"))).isEqualTo("payment_overdue");
    assertThat(JobRules.paid(plan("[]", "[]", "past_due", "{}"))).isEmpty();
  }

  @Test
  void aModelsNameIsALineThatUsageCanHold() {
    assertThat(JobRules.modelName(Optional.empty())).isEmpty();
    assertThat(JobRules.modelName(Optional.of("m".repeat(200)))).isEmpty();
    assertThat(code(JobRules.modelName(Optional.of("m".repeat(201))))).isEqualTo("invalid");
    assertThat(code(JobRules.modelName(Optional.of("a\nb")))).isEqualTo("invalid");
  }

  @Test
  void theLowestConcurrencyLimitBoundsRequestsAtOnceAndIsAtLeastOne() {
    assertThat(JobRules.requestsAtOnce(KEY, PLAN, 7)).isEqualTo(7);
    assertThat(
            JobRules.requestsAtOnce(
                KEY, plan("[]", "[]", "good", "{\"concurrent_requests\":3}"), 7))
        .isEqualTo(3);
    assertThat(
            JobRules.requestsAtOnce(
                KEY, plan("[]", "[]", "good", "{\"concurrent_requests\":0}"), 7))
        .isEqualTo(1);
  }
}
