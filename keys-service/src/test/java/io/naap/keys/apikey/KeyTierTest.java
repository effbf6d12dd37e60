package io.naap.keys.apikey;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.testing.Stores;
import io.naap.keys.FixedPlanTiers;
import io.naap.keys.KeysApi;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import org.junit.jupiter.api.Test;

/** A key may name a tier of its tenant's plan, or none. */
@QuarkusTest
@QuarkusTestResource(Stores.class)
class KeyTierTest {
  @Inject FixedPlanTiers plans;

  private final KeysApi api = new KeysApi();

  @Test
  void refusesToMakeAKeyOfATierThatThePlanDoesNotHave() {
    Response refused = api.create("{\"name\":\"greedy\",\"tier\":\"premium\"}");

    assertThat(refused.statusCode()).isEqualTo(403);
    assertThat(refused.<String>path("code")).isEqualTo("tier_not_in_plan");
    assertThat(refused.<String>path("detail")).contains("standard, fast");
    assertThat(api.get("/v1/keys").<Integer>path("data.size()")).isZero();
  }

  @Test
  void refusesToChangeAKeyToATierThatThePlanDoesNotHave() {
    String id = api.create("{\"name\":\"modest\",\"tier\":\"fast\"}").path("id");

    Response refused = api.patch(id, "{\"tier\":\"premium\",\"name\":\"other\"}");

    assertThat(refused.statusCode()).isEqualTo(403);
    assertThat(api.get("/v1/keys/" + id).<String>path("tier")).isEqualTo("fast");
    assertThat(api.get("/v1/keys/" + id).<String>path("name")).isEqualTo("modest");
    assertThat(api.patch(id, "{\"tier\":null}").statusCode()).isEqualTo(200);
  }

  @Test
  void aTierCannotBeNamedWhileThePlanIsNotKnown() {
    plans.takeAway(api.tenant());

    Response named = api.create("{\"name\":\"a\",\"tier\":\"standard\"}");
    Response plain = api.create("{\"name\":\"b\"}");

    assertThat(named.statusCode()).isEqualTo(503);
    assertThat(named.header("Retry-After")).isEqualTo("1");
    assertThat(plain.statusCode()).isEqualTo(201);
  }
}
