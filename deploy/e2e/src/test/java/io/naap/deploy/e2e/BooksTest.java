package io.naap.deploy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.naap.deploy.local.Api;
import io.naap.deploy.local.Platform;
import java.net.http.HttpRequest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

/** The books of the started platform, and whether anybody would notice. */
class BooksTest {
  private static final Platform PLATFORM = Started.platform();
  private final Api api = new Api(PLATFORM.origin());

  @Test
  void verifyEndsWithZeroAndWithOneWhenARowWasTamperedWithWhichItNames() throws Exception {
    Api.Session tenant = api.signIn(Wallets.random());
    Api.Session operator = new Api(PLATFORM.origin()).signIn(PLATFORM.operator());
    String journal =
        api.credit(operator, tenant.tenantId(), "3.00", "verify-" + tenant.tenantId())
            .expect(201)
            .json()
            .path("journal_id")
            .asText();
    sealed(journal);
    LedgerVerification clean = LedgerVerification.of(PLATFORM);
    assertThat(clean.status()).as(clean.output()).isZero();
    assertThat(clean.output()).contains("ok     the hash chain is whole").doesNotContain("WRONG");

    tamper("posting", "amount = amount + 1", "journal_id = '" + journal + "' and amount > 0");
    LedgerVerification posting = LedgerVerification.of(PLATFORM);
    tamper("posting", "amount = amount - 1", "journal_id = '" + journal + "' and amount > 0");
    tamper("journal", "description = 'a gift'", "id = '" + journal + "'");
    LedgerVerification description = LedgerVerification.of(PLATFORM);
    tamper("journal", "description = 'demonstration'", "id = '" + journal + "'");

    assertThat(posting.status()).as(posting.output()).isEqualTo(1);
    assertThat(posting.output())
        .contains("WRONG  every journal sums to zero in each currency: 1 (" + journal + ")")
        .contains(
            "WRONG  every balance is the sum of its postings: 1 (" + tenant.tenantId() + " credit)")
        .contains("WRONG  the hash chain is whole: 1 (" + journal + ")");
    assertThat(description.status()).as(description.output()).isEqualTo(1);
    assertThat(description.output())
        .contains("ok     every balance is the sum of its postings")
        .contains("WRONG  the hash chain is whole: 1 (" + journal + ")");
  }

  @Test
  void anOwnerMovesCreditToAnotherOfTheirTenantsAndToNobodyElses() {
    Api.Session tenant = api.signIn(Wallets.random());
    Api.Session stranger = new Api(PLATFORM.origin()).signIn(Wallets.random());
    Api.Session operator = new Api(PLATFORM.origin()).signIn(PLATFORM.operator());
    api.credit(operator, tenant.tenantId(), "3.00", "move-" + tenant.tenantId()).expect(201);
    String project =
        api.post("/v1/tenants", tenant.accessToken(), "{\"name\":\"a second project\"}")
            .expect(201)
            .json()
            .path("id")
            .asText();

    JsonNode moved = transfer(tenant, project, "1.25", "k1").expect(201).json();
    assertThat(transfer(tenant, project, "1.25", "k1").expect(201).json()).isEqualTo(moved);
    transfer(tenant, stranger.tenantId(), "1.00", "k2").expect(404);
    transfer(tenant, project, "2.00", "k3").expect(402);

    assertThat(available(operator, tenant.tenantId())).isEqualTo("1.75");
    assertThat(available(operator, project)).isEqualTo("1.25");
    assertThat(available(operator, stranger.tenantId())).isEqualTo("0.00");
  }

  private Api.Answer transfer(Api.Session from, String to, String dollars, String key) {
    return api.send(
        api.request("/v1/payments/transfers", from.accessToken())
            .header("content-type", "application/json")
            .header("idempotency-key", key + from.tenantId())
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    """
                    {"to_tenant_id":"%s","amount":{"amount":"%s","currency":"USD"},"reason":"a test"}"""
                        .formatted(to, dollars))));
  }

  private String available(Api.Session operator, String tenant) {
    return api.get("/v1/balance?tenant_id=" + tenant, operator.accessToken())
        .expect(200)
        .json()
        .at("/available/amount")
        .asText();
  }

  /** What an intruder with the database's password would do. */
  private static void tamper(String table, String change, String where) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("alter table " + table + " disable trigger user");
      statement.execute("update " + table + " set " + change + " where " + where);
      statement.execute("alter table " + table + " enable trigger user");
      connection.commit();
    }
  }

  /** Journals join the chain a moment after they are booked. */
  private static void sealed(String journal) throws SQLException, InterruptedException {
    for (int look = 0; look < 100; look++) {
      try (Connection connection = connect();
          Statement statement = connection.createStatement();
          ResultSet rows =
              statement.executeQuery(
                  "select 1 from journal_seal where journal_id = '" + journal + "'")) {
        if (rows.next()) {
          return;
        }
      }
      Thread.sleep(50);
    }
    throw new AssertionError("not sealed: " + journal);
  }

  private static Connection connect() throws SQLException {
    Platform.Database database = PLATFORM.database("clearinghouse");
    return DriverManager.getConnection(database.url(), database.user(), database.password());
  }
}
