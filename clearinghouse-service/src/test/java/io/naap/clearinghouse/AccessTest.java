package io.naap.clearinghouse;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.naap.contracts.identity.Role;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.testing.AccessMatrix;
import io.naap.contracts.testing.Stores;
import io.naap.contracts.testing.Tokens;
import io.naap.store.Transactions;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
class AccessTest {
  @Inject Transactions transactions;

  @Test
  void letsInWhomTheTableNamesAndNobodyElse() throws Exception {
    AccessMatrix matrix =
        AccessMatrix.of(URI.create("http://localhost:" + RestAssured.port), "clearinghouse")
            .foreign(
                "/v1/payments/signer-tokens/{id}",
                "/v1/payments/signer-tokens/" + tokenOf(Samples.tenant()),
                "");

    assertThat(matrix.violations(Tokens::refuse)).isEmpty();
  }

  @Test
  void hidesOtherTenantsBalances() {
    String other = Samples.tenant();
    Samples.credit(other, "1");

    given()
        .auth()
        .oauth2(Tokens.of(Samples.tenant(), Role.OWNER))
        .get("/v1/balance?tenant_id=" + other)
        .then()
        .statusCode(404)
        .body("code", equalTo("not_found"));
    given()
        .auth()
        .oauth2(Samples.operator())
        .get("/v1/balance?tenant_id=" + other)
        .then()
        .statusCode(200)
        .body("available.amount", equalTo("1.00"));
  }

  @Test
  void onlyTheOperatorGivesCreditAndOnlyThePlatformSeesMargins() {
    String tenant = Samples.tenant();
    for (Role role : List.of(Role.OWNER, Role.ADMIN, Role.BILLING, Role.SUPPORT)) {
      given()
          .auth()
          .oauth2(Tokens.of(tenant, role))
          .header("Idempotency-Key", "k")
          .contentType("application/json")
          .body(Samples.creditBody(tenant, "1"))
          .post("/v1/payments/credits")
          .then()
          .statusCode(403);
    }
    given()
        .auth()
        .oauth2(Tokens.of(tenant, Role.OWNER))
        .get("/v1/reconciliation")
        .then()
        .statusCode(403);
    assertThat(Samples.balance(tenant))
        .isEqualTo("available 0.00, set aside 0.00, owed 0.00, balance 0.00");
  }

  /** A signer token of another tenant. */
  private String tokenOf(String tenant) {
    String id = Samples.id(IdKind.SIGNER_TOKEN);
    transactions.run(
        tx ->
            tx.change(
                """
                insert into signer_token (id, tenant_id, name, token_hash, last_four, created_by, created_at)
                values ($1, $2, 'n', sha256(convert_to($1, 'UTF8')), '0000', 'usr', now())""",
                id,
                tenant));
    return id;
  }
}
