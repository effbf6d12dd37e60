package io.naap.deploy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.naap.deploy.local.Api;
import io.naap.deploy.local.Platform;
import java.math.BigDecimal;
import java.net.http.HttpRequest;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Money set aside for jobs is the tenant's again when no job needs it. */
@Timeout(180)
class ReturnedMoneyTest {
  private static final Platform PLATFORM = Started.platform();
  private static final int MINUTE = 60;

  private final Api api = new Api(PLATFORM.origin());
  private Api.Session tenant;
  private Api.Session operator;
  private String other;
  private String key;

  @BeforeEach
  void aTenantWithADollarAndAKey() {
    tenant = api.signIn(Wallets.random());
    other = api.signIn(Wallets.random()).tenantId();
    operator = api.signIn(PLATFORM.operator());
    api.credit(operator, tenant.tenantId(), "1.00", "returned-" + tenant.tenantId()).expect(201);
    key = api.createKey(tenant, "{\"name\":\"returned\"}").path("key").asText();
  }

  @Test
  void itReturnsWithinAMinuteOfTheLastJob() throws InterruptedException {
    job().expect(200);
    assertThat(aside()).isPositive();

    int seconds = 0;
    while (aside().signum() > 0 && seconds < MINUTE) {
      Thread.sleep(1_000);
      seconds++;
    }

    assertThat(aside()).isZero();
    // And the next job gets it again.
    job().expect(200);
  }

  @Test
  void aTransferRightAfterAJobHasIt() {
    job().expect(200);

    transfer("0.50", 0).expect(201);
    transfer("0.60", 1).expect(402);
  }

  @Test
  void jobsAndTransfersAtOnceNeverSpendTheSameMoney() throws InterruptedException {
    AtomicBoolean over = new AtomicBoolean();
    Set<String> served = ConcurrentHashMap.newKeySet();
    Set<String> refused = ConcurrentHashMap.newKeySet();
    int moved = 0;
    // Warm, so that the first of many is not the one that everything is looked up for.
    job().expect(200);
    Thread client =
        Thread.ofVirtual()
            .start(
                () -> {
                  while (!over.get()) {
                    Api.Answer answer = job();
                    if (answer.status() == 200) {
                      served.add(answer.header("x-request-id"));
                    } else {
                      refused.add(answer.status() + " " + answer.text());
                    }
                  }
                });
    for (int at = 0; at < 30; at++) {
      if (transfer("0.05", 100 + at).status() == 201) {
        moved++;
      }
    }
    over.set(true);
    client.join();

    assertThat(served).as("refused: %s", refused.stream().limit(5).toList()).isNotEmpty();
    assertThat(moved).isBetween(1, 20);
    BigDecimal given = new BigDecimal("0.05").multiply(BigDecimal.valueOf(moved));
    for (int look = 0; look < 300; look++) {
      JsonNode balance = balance();
      if (new BigDecimal(balance.at("/balance/amount").asText())
              .compareTo(BigDecimal.ONE.subtract(given).subtract(spent()))
          == 0) {
        break;
      }
      Thread.sleep(100);
    }
    assertThat(new BigDecimal(balance().at("/balance/amount").asText()))
        .isEqualByComparingTo(BigDecimal.ONE.subtract(given).subtract(spent()))
        .isNotNegative();
    assertThat(new BigDecimal(balance().at("/owed/amount").asText())).isZero();
  }

  private BigDecimal spent() {
    return new BigDecimal(
        api.get("/v1/usage", tenant.accessToken())
            .expect(200)
            .json()
            .at("/total/cost/amount")
            .asText("0"));
  }

  private Api.Answer job() {
    return api.post("/text-to-image", key, "{\"prompt\":\"a\",\"width\":256,\"height\":256}");
  }

  private BigDecimal aside() {
    return new BigDecimal(balance().at("/set_aside/amount").asText());
  }

  private JsonNode balance() {
    return api.get("/v1/balance", tenant.accessToken()).expect(200).json();
  }

  private Api.Answer transfer(String dollars, int number) {
    String body =
        """
        {"from_tenant_id":"%s","to_tenant_id":"%s","amount":{"amount":"%s","currency":"USD"},"reason":"a test"}"""
            .formatted(tenant.tenantId(), other, dollars);
    return api.send(
        api.request("/v1/payments/transfers", operator.accessToken())
            .header("content-type", "application/json")
            .header("idempotency-key", "transfer-" + tenant.tenantId() + number)
            .POST(HttpRequest.BodyPublishers.ofString(body)));
  }
}
