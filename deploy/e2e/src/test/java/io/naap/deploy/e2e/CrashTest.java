package io.naap.deploy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.naap.deploy.local.Api;
import io.naap.deploy.local.Platform;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
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

  /** Under load: what was answered is billed, and what was billed is charged, each once. */
  @Test
  void billsAllThatWasAnsweredWhenTheRouterIsKilled() throws Exception {
    Set<String> answered = ConcurrentHashMap.newKeySet();
    AtomicBoolean over = new AtomicBoolean();
    List<Thread> clients = new ArrayList<>();
    for (int at = 0; at < 4; at++) {
      clients.add(Thread.ofVirtual().start(() -> jobs(answered, over)));
    }
    for (int kills = 1; kills <= 2; kills++) {
      awaitMoreThan(answered, answered.size() + 30);
      PLATFORM.kill("router");
      PLATFORM.restart("router");
    }
    awaitMoreThan(answered, answered.size() + 30);
    over.set(true);
    for (Thread client : clients) {
      client.join();
    }

    for (String requestId : answered) {
      assertThat(eventsOf(requestId)).as(requestId).hasSize(1);
    }
    // A job whose answer was on its way is billed too, so the events say what was spent.
    BigDecimal left = BigDecimal.ONE.subtract(spent());
    for (int i = 0; i < 100 && balance().compareTo(left) != 0; i++) {
      Thread.sleep(100);
      left = BigDecimal.ONE.subtract(spent());
    }
    assertThat(balance()).isEqualByComparingTo(left);
  }

  private void jobs(Set<String> answered, AtomicBoolean over) {
    while (!over.get()) {
      try {
        Api.Answer answer =
            api.post("/text-to-image", key, "{\"prompt\":\"a\",\"width\":64,\"height\":64}");
        if (answer.status() == 200) {
          answered.add(answer.header("x-request-id"));
        }
      } catch (RuntimeException gone) {
        // The router was killed; it is tried again until it is there.
        assertThat(gone).isNotNull();
      }
    }
  }

  private static void awaitMoreThan(Set<String> answered, int count) throws InterruptedException {
    for (int i = 0; answered.size() < count && i < 600; i++) {
      Thread.sleep(50);
    }
    assertThat(answered).hasSizeGreaterThanOrEqualTo(count);
  }

  private BigDecimal spent() {
    BigDecimal spent = BigDecimal.ZERO;
    String cursor = "";
    do {
      JsonNode page =
          api.get(
                  "/v1/usage/events?limit=100" + (cursor.isEmpty() ? "" : "&cursor=" + cursor),
                  tenant.accessToken())
              .expect(200)
              .json();
      for (JsonNode event : page.path("data")) {
        spent = spent.add(new BigDecimal(event.at("/cost/amount").asText()));
      }
      cursor = page.path("next_cursor").asText("");
    } while (!cursor.isEmpty());
    return spent;
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

  private BigDecimal balance() {
    JsonNode answer = api.get("/v1/balance", tenant.accessToken()).expect(200).json();
    return new BigDecimal(answer.at("/balance/amount").asText());
  }

  private BigDecimal balanceWhen(BigDecimal expected) throws InterruptedException {
    BigDecimal balance = null;
    for (int i = 0; i < 200; i++) {
      balance = balance();
      if (balance.compareTo(expected) == 0) {
        return balance;
      }
      Thread.sleep(50);
    }
    return balance;
  }
}
