package io.naap.router;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.naap.contracts.events.KeyChanged;
import io.naap.contracts.events.Topics;
import io.naap.contracts.json.Json;
import io.naap.contracts.keys.ApiKey;
import io.naap.contracts.keys.Cap;
import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.keys.UnitRate;
import io.naap.contracts.testing.Stores;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whose limits hold for a job, and how soon a change of them does. */
@QuarkusTest
@QuarkusTestResource(Stores.class)
@QuarkusTestResource(FakeServices.class)
class LimitsTest {
  private static final long DOLLAR = 1_000_000_000L;

  @Inject RedisDataSource redis;

  @Inject MeterRegistry meters;

  @BeforeEach
  void aGoodGateway() {
    FakeServices.mode = "";
    FakeServices.GATEWAY.clear();
  }

  @Test
  void countsAllKeysOfATenantAgainstTheTenantsLimit() {
    String tenant = newTenant();
    FakeServices.TENANT_LIMITS.put(tenant, perMinute(2));
    String one = key(tenant, KeyLimits.NONE);
    String two = key(tenant, KeyLimits.NONE);

    assertThat(image(one).statusCode()).isEqualTo(200);
    assertThat(image(two).statusCode()).isEqualTo(200);
    Response third = image(one);

    assertThat(third.statusCode()).isEqualTo(429);
    assertThat(third.jsonPath().getList("violated-policies")).containsExactly("tenant-rpm");
    assertThat(third.header("RateLimit-Policy")).contains("\"tenant-rpm\";q=2;w=60");
    assertThat(image(key(newTenant(), KeyLimits.NONE)).statusCode()).isEqualTo(200);
  }

  @Test
  void checksKeyTenantAndPlanWhereAllLimitTheSame() {
    String tenant = newTenant();
    KeyLimits twoImages = caps(new Cap("generations", Cap.Window.DAY, 2));
    FakeServices.TENANT_LIMITS.put(tenant, twoImages);
    FakeServices.PLAN_LIMITS.put(
        tenant,
        new KeyLimits(
            Optional.empty(),
            Optional.of(1L),
            Optional.empty(),
            List.of(),
            List.of(new Cap(Cap.MONEY, Cap.Window.MONTH, 1))));
    String key = key(tenant, caps(new Cap("generations", Cap.Window.DAY, 5)));

    Response refused =
        given()
            .header("Authorization", "Bearer " + key)
            .contentType("application/json")
            .body("{\"prompt\":\"a\",\"num_images_per_prompt\":3}")
            .post("/text-to-image");

    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(refused.jsonPath().getList("violated-policies"))
        .containsExactly("tenant-day-generations", "plan-month-usd");
    assertThat(refused.jsonPath().getString("detail")).contains("tenant-day-generations");
    assertThat(refused.header("RateLimit-Policy"))
        .contains("\"key-day-generations\";q=5", "\"tenant-day-generations\";q=2", "\"plan-rpd\"");
    assertThat(FakeServices.jobs()).isEmpty();
  }

  @Test
  void limitsUnitsPerMinute() {
    String tenant = newTenant();
    String key =
        key(
            tenant,
            new KeyLimits(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(new UnitRate("pixels", 512 * 512 * 2)),
                List.of()));

    assertThat(image(key).statusCode()).isEqualTo(200);
    assertThat(image(key).statusCode()).isEqualTo(200);
    Response third = image(key);

    assertThat(third.statusCode()).isEqualTo(429);
    assertThat(third.jsonPath().getList("violated-policies")).containsExactly("key-minute-pixels");
    assertThat(Long.parseLong(third.header("Retry-After"))).isBetween(1L, 61L);
  }

  @Test
  void holdsWhatSuchJobsComeToWhereARequestDoesNotSay() {
    String rich = key(newTenant(), KeyLimits.NONE);
    for (int job = 0; job < 24; job++) {
      assertThat(chat(rich, "").statusCode()).isEqualTo(200);
    }
    String capped = key(newTenant(), caps(new Cap("tokens_out", Cap.Window.DAY, 100)));

    Response refused = chat(capped, ",\"max_tokens\":1024");
    Response admitted = chat(capped, "");

    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(admitted.statusCode()).isEqualTo(200);
    // The gateway is still told the most that it may make.
    assertThat(FakeServices.GATEWAY.getLast().body()).contains("\"max_tokens\":1024");
  }

  private static Response chat(String key, String more) {
    return given()
        .header("Authorization", "Bearer " + key)
        .contentType("application/json")
        .body("{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]" + more + "}")
        .post("/v1/chat/completions");
  }

  /** Each costs less than is set aside at a time, all of them four times as much. */
  @Test
  void aBurstOfATenantWithMoneyIsAdmittedWholeWhoeverAskedTheLedger() {
    String tenant = newTenant();
    String key = FakeServices.newKey(tenant, 100 * DOLLAR, KeyLimits.NONE, List.of());
    HttpRequest image =
        HttpRequest.newBuilder(
                URI.create("http://localhost:" + RestAssured.port + "/text-to-image"))
            .header("Authorization", "Bearer " + key)
            .header("Content-Type", "application/json")
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    "{\"prompt\":\"a\",\"width\":1024,\"height\":1024,\"num_images_per_prompt\":10}"))
            .build();

    List<Integer> answers;
    try (HttpClient client = HttpClient.newHttpClient()) {
      answers =
          IntStream.range(0, 40)
              .mapToObj(at -> client.sendAsync(image, HttpResponse.BodyHandlers.discarding()))
              .toList()
              .stream()
              .map(answer -> answer.join().statusCode())
              .toList();
    }

    assertThat(answers).hasSize(40).containsOnly(200);
  }

  @Test
  void countsBothSecretsOfARotatedKeyAsOne() {
    String tenant = newTenant();
    String old = key(tenant, perMinute(2));
    String fresh = secretOf(FakeServices.KEYS.get(old), Optional.empty());

    assertThat(image(old).statusCode()).isEqualTo(200);
    assertThat(image(fresh).statusCode()).isEqualTo(200);
    Response third = image(fresh);

    assertThat(third.statusCode()).isEqualTo(429);
    assertThat(third.jsonPath().getList("violated-policies")).containsExactly("key-rpm");
    assertThat(image(old).statusCode()).isEqualTo(429);
  }

  @Test
  void stopsARotatedSecretTheMomentItsOverlapEnds() throws InterruptedException {
    String key = key(newTenant(), KeyLimits.NONE);
    String old = secretOf(FakeServices.KEYS.get(key), Optional.of(Instant.now().plusMillis(1_500)));

    assertThat(image(old).statusCode()).isEqualTo(200);
    Thread.sleep(1_600);

    // Still in the cache, for the profile itself is good for a minute.
    int asked = FakeServices.RESOLVED.size();
    assertThat(image(old).statusCode()).isEqualTo(401);
    assertThat(FakeServices.RESOLVED).hasSize(asked);
    assertThat(image(key).statusCode()).isEqualTo(200);
  }

  @Test
  void letsOnlyAllowedOriginsUseAKey() {
    String key = key(newTenant(), KeyLimits.NONE);
    KeyProfile plain = FakeServices.KEYS.get(key);
    FakeServices.KEYS.put(
        key,
        with(plain, List.of("https://*.example.com"), plain.secretExpiresAt(), plain.ttlSeconds()));

    assertThat(from(key, "https://app.example.com").statusCode()).isEqualTo(200);
    for (String origin :
        List.of("https://example.com", "https://app.example.com.evil.org", "null")) {
      Response refused = from(key, origin);
      assertThat(refused.statusCode()).as(origin).isEqualTo(403);
      assertThat(refused.jsonPath().getString("code")).isEqualTo("origin_not_allowed");
    }
    assertThat(image(key).statusCode()).isEqualTo(403);
  }

  @Test
  void followsATenantsNewLimitsWithinASecond() throws InterruptedException {
    String tenant = newTenant();
    String key = key(tenant, KeyLimits.NONE);
    assertThat(image(key).statusCode()).isEqualTo(200);

    limitTenant(key, tenant, perMinute(0));
    redis.stream(String.class)
        .xadd(
            Topics.KEYS,
            Map.of(
                Topics.FIELD,
                Json.write(new KeyChanged("evt_1", Instant.now(), Optional.empty(), tenant, 2))));
    Thread.sleep(900);

    assertThat(image(key).jsonPath().getList("violated-policies")).containsExactly("tenant-rpm");
  }

  @Test
  void followsOverridesWhileItRunsAndKeepsThemWhenTheFileIsBad() throws Exception {
    String tenant = newTenant();
    String other = newTenant();
    FakeServices.TENANT_LIMITS.put(tenant, perMinute(1));
    FakeServices.TENANT_LIMITS.put(other, perMinute(1));
    String key = key(tenant, KeyLimits.NONE);
    String others = key(other, KeyLimits.NONE);
    assertThat(image(key).statusCode()).isEqualTo(200);
    assertThat(image(key).statusCode()).isEqualTo(429);
    assertThat(image(others).statusCode()).isEqualTo(200);
    try {
      override("- {policy: tenant-rpm, tenant: " + tenant + ", limit: 2}");
      assertThat(image(key).statusCode()).isEqualTo(200);
      assertThat(image(key).statusCode()).isEqualTo(429);

      override("- {policy: tenant-rpm, tenant: " + tenant + ", shadow: true}");
      assertThat(image(key).statusCode()).isEqualTo(200);
      assertThat(image(others).statusCode()).isEqualTo(429);

      override("- {policy: tenant-rpm, limit: many}");
      assertThat(image(key).statusCode()).isEqualTo(200);
      assertThat(shadowed()).isPositive();
    } finally {
      override("");
    }
    assertThat(image(key).statusCode()).isEqualTo(429);
  }

  private static void override(String yaml) throws Exception {
    Files.writeString(FakeServices.overrides, yaml);
    // The file is looked at every 100 ms, and an answer "nothing left" is believed for 200 ms.
    Thread.sleep(700);
  }

  private double shadowed() {
    return meters.get("router_shadow_refusals_total").tag("policy", "tenant-rpm").counter().count();
  }

  @Test
  void followsAChangeWithoutTheStreamWhenTheProfileIsOld() throws InterruptedException {
    String tenant = newTenant();
    String key = key(tenant, KeyLimits.NONE);
    KeyProfile plain = FakeServices.KEYS.get(key);
    FakeServices.KEYS.put(key, with(plain, List.of(), Optional.empty(), 1));
    assertThat(image(key).statusCode()).isEqualTo(200);

    FakeServices.KEYS.remove(key);
    assertThat(image(key).statusCode()).isEqualTo(200);
    Thread.sleep(1_100);

    assertThat(image(key).statusCode()).isEqualTo(401);
  }

  private static void limitTenant(String key, String tenant, KeyLimits limits) {
    FakeServices.TENANT_LIMITS.put(tenant, limits);
    KeyProfile old = FakeServices.KEYS.get(key);
    FakeServices.KEYS.put(key, with(old, List.of(), Optional.empty(), old.ttlSeconds()));
  }

  private static String secretOf(KeyProfile profile, Optional<Instant> until) {
    String secret = ApiKey.generate("live", new SecureRandom()).reveal();
    FakeServices.KEYS.put(secret, with(profile, List.of(), until, profile.ttlSeconds()));
    return secret;
  }

  private static KeyProfile with(
      KeyProfile old, List<String> origins, Optional<Instant> secretUntil, int ttlSeconds) {
    return new KeyProfile(
        old.keyId(),
        old.tenantId(),
        old.name(),
        old.tags(),
        new KeyProfile.Scope(
            old.tier(), old.capabilities(), old.models(), old.allowedCidrs(), origins),
        new KeyProfile.Expiry(old.expiresAt(), secretUntil),
        new KeyProfile.Limits(
            old.limits(), FakeServices.TENANT_LIMITS.getOrDefault(old.tenantId(), KeyLimits.NONE)),
        new KeyProfile.Freshness(old.freshness().revision(), ttlSeconds));
  }

  private static String newTenant() {
    return "ten_" + Long.toString(System.nanoTime(), 36);
  }

  private static String key(String tenant, KeyLimits limits) {
    return FakeServices.newKey(tenant, DOLLAR, limits, List.of());
  }

  private static KeyLimits perMinute(long requests) {
    return new KeyLimits(
        Optional.of(requests), Optional.empty(), Optional.empty(), List.of(), List.of());
  }

  private static KeyLimits caps(Cap cap) {
    return new KeyLimits(
        Optional.empty(), Optional.empty(), Optional.empty(), List.of(), List.of(cap));
  }

  private static Response from(String key, String origin) {
    return given()
        .header("Authorization", "Bearer " + key)
        .header("Origin", origin)
        .contentType("application/json")
        .body("{\"prompt\":\"a\"}")
        .post("/text-to-image");
  }

  private static Response image(String key) {
    return given()
        .header("Authorization", "Bearer " + key)
        .contentType("application/json")
        .body("{\"prompt\":\"a\"}")
        .post("/text-to-image");
  }
}
