package io.naap.auth.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.naap.auth.Person;
import io.naap.contracts.audit.AuditChain;
import io.naap.contracts.audit.AuditEntry;
import io.naap.contracts.json.Json;
import io.naap.contracts.testing.Stores;
import io.naap.store.Transactions;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
class AuditTest {
  @Inject Transactions transactions;

  @Test
  void tellsWhoDidWhatAndHoldsTogether() {
    Person owner = Person.signIn();
    owner
        .send(Map.of("name", "Renamed"))
        .header("x-forwarded-for", "203.0.113.7")
        .patch("/v1/tenants/" + owner.tenantId())
        .then()
        .statusCode(200);

    List<AuditEntry> all =
        Person.operator()
            .ask()
            .get("/v1/audit/export")
            .asString()
            .lines()
            .map(line -> Json.read(line, AuditEntry.class))
            .toList();

    AuditChain chain = new AuditChain();
    for (AuditEntry entry : all) {
      assertThat(chain.add(entry)).as(entry.toString()).isEmpty();
    }
    AuditEntry renamed =
        all.stream()
            .filter(entry -> entry.act().action().equals("tenant.renamed"))
            .filter(entry -> entry.act().object().equals(owner.tenantId()))
            .findFirst()
            .orElseThrow();
    assertThat(renamed.act().actor()).isEqualTo(owner.userId());
    assertThat(renamed.act().address()).isEqualTo("203.0.113.7");
    assertThat(renamed.act().details()).isEqualTo("{\"name\":\"Renamed\"}");
    assertThat(renamed.act().requestId()).startsWith("req_");
  }

  @Test
  void showsAnOwnerTheirTenantAndNothingElse() {
    Person owner = Person.signIn();
    Person.signIn();

    List<String> tenants = owner.ask().get("/v1/audit").path("data.tenant_id");
    assertThat(tenants).isNotEmpty().containsOnly(owner.tenantId());
    owner
        .ask()
        .queryParam("tenant_id", Person.signIn().tenantId())
        .get("/v1/audit")
        .then()
        .statusCode(404);
    assertThat(owner.ask().get("/v1/audit/export").asString().lines())
        .allSatisfy(line -> assertThat(line).contains(owner.tenantId()));
  }

  @Test
  void givesPages() {
    Person owner = Person.signIn();
    Person operator = Person.operator();
    assertThat(owner.tenantId()).isNotNull();

    String cursor = operator.ask().queryParam("limit", 1).get("/v1/audit").path("next_cursor");
    List<Integer> first = operator.ask().queryParam("limit", 1).get("/v1/audit").path("data.seq");
    List<Integer> second =
        operator
            .ask()
            .queryParam("limit", 1)
            .queryParam("cursor", cursor)
            .get("/v1/audit")
            .path("data.seq");

    assertThat(second.getFirst()).isLessThan(first.getFirst());
  }

  @Test
  void cannotBeChangedInTheDatabase() {
    Person.signIn();

    assertThatThrownBy(
            () -> transactions.run(tx -> tx.change("update audit set actor = 'somebody else'")))
        .hasMessageContaining("never changed");
    assertThatThrownBy(() -> transactions.run(tx -> tx.change("delete from audit")))
        .hasMessageContaining("never changed");
  }
}
