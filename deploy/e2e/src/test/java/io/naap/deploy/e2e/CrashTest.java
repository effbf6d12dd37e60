package io.naap.deploy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.naap.deploy.local.Api;
import io.naap.deploy.local.Platform;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A killed consumer costs delay, never an event or a cent. */
class CrashTest {
  private static final Platform PLATFORM = Started.platform();
  private final Api api = new Api(PLATFORM.origin());
  private Api.Session tenant;
  private String key;

  @BeforeEach
  void aTenantWithMoneyAndAKey() {
    tenant = api.signIn(Wallets.random());
    Api.Session operator = new Api(PLATFORM.origin()).signIn(PLATFORM.operator());
    api.credit(operator, tenant.tenantId(), "1.00", "crash-" + tenant.tenantId()).expect(201);
    key = api.createKey(tenant, "{\"name\":\"crash\"}").path("key").asText();
  }

  @ParameterizedTest
  @ValueSource(strings = {"metering", "clearinghouse"})
  void countsEveryJobOnceWhenAConsumerIsKilled(String service) throws InterruptedException {
    List<String> requestIds = new ArrayList<>();
    // Warm, so that the router needs neither profile nor money while the service is away.
    requestIds.add(job());

    for (int i = 0; i < 5; i++) {
      requestIds.add(job());
    }
    PLATFORM.kill(service);
    for (int i = 0; i < 5; i++) {
      requestIds.add(job());
    }
    PLATFORM.restart(service);

    BigDecimal spent = BigDecimal.ZERO;
    for (String requestId : requestIds) {
      JsonNode events = eventsOf(requestId);
      assertThat(events).as(requestId).hasSize(1);
      spent = spent.add(new BigDecimal(events.at("/0/cost/amount").asText()));
    }
    assertThat(spent).isPositive();
    assertThat(balanceWhen(BigDecimal.ONE.subtract(spent)))
        .isEqualByComparingTo(BigDecimal.ONE.subtract(spent));
  }

  private String job() {
    return api.post("/text-to-image", key, "{\"prompt\":\"a\",\"width\":64,\"height\":64}")
        .expect(200)
        .header("x-request-id");
  }

  private JsonNode eventsOf(String requestId) throws InterruptedException {
    JsonNode events = null;
    for (int i = 0; i < 200; i++) {
      events =
          api.get("/v1/usage/events?request_id=" + requestId, tenant.accessToken())
              .expect(200)
              .json()
              .path("data");
      if (!events.isEmpty()) {
        return events;
      }
      Thread.sleep(50);
    }
    return events;
  }

  private BigDecimal balanceWhen(BigDecimal expected) throws InterruptedException {
    BigDecimal balance = null;
    for (int i = 0; i < 200; i++) {
      JsonNode answer = api.get("/v1/balance", tenant.accessToken()).expect(200).json();
      balance = new BigDecimal(answer.at("/balance/amount").asText());
      if (balance.compareTo(expected) == 0) {
        return balance;
      }
      Thread.sleep(50);
    }
    return balance;
  }
}
