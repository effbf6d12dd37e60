package io.naap.deploy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.naap.deploy.local.Api;
import io.naap.deploy.local.Platform;
import io.naap.deploy.local.Wallet;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may not any more, may not anywhere, within the seconds that are promised. */
class RevocationTest {
  private static final Platform PLATFORM = Started.platform();
  private static final List<String> PROTECTED =
      List.of("/v1/me", "/v1/keys", "/v1/usage", "/v1/balance");
  private static final Duration SESSION = Duration.ofSeconds(5);

  /** Each service reads what is refused twice a second, from an answer a fifth of a second old. */
  private static final Duration DOOR = Duration.ofSeconds(1);

  private static final Duration KEY = Duration.ofSeconds(10);

  private final Api api = new Api(PLATFORM.origin());

  @TempDir Path folder;

  @Test
  void refusesARevokedSessionEverywhere() throws Exception {
    Api.Session session = api.signIn(Wallets.random());
    assertThat(statuses(session)).containsOnly(200);

    endSession(session);

    assertThat(within(SESSION, () -> statuses(session).stream().allMatch(s -> s == 401))).isTrue();
  }

  @Test
  void refusesARevokedSessionEverywhereWithRedisGone() throws Exception {
    Api.Session session = api.signIn(Wallets.random());
    assertThat(statuses(session)).containsOnly(200);
    PLATFORM.redis(false);
    try {
      Api.Session other = api.signIn(Wallets.random());
      endSession(session);

      assertThat(within(SESSION, () -> statuses(session).stream().allMatch(s -> s == 401)))
          .isTrue();
      assertThat(statuses(other)).containsOnly(200);
    } finally {
      PLATFORM.redis(true);
    }
  }

  @Test
  void believesANewSigningKeyAndNoTokenOfACompromisedOne() throws Exception {
    Api.Session operator = api.signIn(PLATFORM.operator());
    Wallet wallet = Wallets.random();
    Api.Session old = api.signIn(wallet);

    api.post("/v1/signing-keys/rotate", operator.accessToken(), "{\"compromised\":true}")
        .expect(200);
    Api.Session fresh = api.signIn(wallet);

    assertThat(within(KEY, () -> statuses(fresh).stream().allMatch(s -> s == 200))).isTrue();
    assertThat(within(KEY, () -> statuses(old).stream().allMatch(s -> s == 401))).isTrue();
    // The services' own tokens were of the old key too.
    Api.Session again = api.signIn(PLATFORM.operator());
    api.credit(again, fresh.tenantId(), "1.00", "rotated-" + fresh.tenantId()).expect(201);
    String key = api.createKey(fresh, "{\"name\":\"rotated\"}").path("key").asText();
    assertThat(within(KEY, () -> job(key) == 200)).isTrue();
  }

  @Test
  void servesNothingOfASuspendedTenant() throws Exception {
    Api.Session operator = api.signIn(PLATFORM.operator());
    Api.Session tenant = api.signIn(Wallets.random());
    api.credit(operator, tenant.tenantId(), "1.00", "suspended-" + tenant.tenantId()).expect(201);
    String key = api.createKey(tenant, "{\"name\":\"suspended\"}").path("key").asText();
    assertThat(job(key)).isEqualTo(200);

    status(operator, tenant, "suspend");

    assertThat(within(SESSION, () -> job(key) == 403)).isTrue();
    assertThat(within(SESSION, () -> statuses(tenant).stream().allMatch(s -> s == 403))).isTrue();
    assertThat(api.get("/v1/balance", tenant.accessToken()).json().path("code").asText())
        .isEqualTo("tenant_suspended");

    status(operator, tenant, "reinstate");
    assertThat(within(SESSION, () -> job(key) == 200)).isTrue();
  }

  /** Every way in that a tenant has, at once: none is left open for a second. */
  @Test
  void closesEveryDoorOfASuspendedTenantWithinASecond() throws Exception {
    Api.Session operator = api.signIn(PLATFORM.operator());
    Api.Session tenant = api.signIn(Wallets.random());
    api.credit(operator, tenant.tenantId(), "1.00", "doors-" + tenant.tenantId()).expect(201);
    String key = api.createKey(tenant, "{\"name\":\"doors\"}").path("key").asText();
    JsonNode program =
        post(tenant, "/v1/service-accounts", "{\"name\":\"doors\",\"role\":\"developer\"}");
    String signerToken =
        post(tenant, "/v1/payments/signer-tokens", "{\"name\":\"doors\"}").path("token").asText();
    Api keys = new Api(PLATFORM.direct("keys"));
    Api signer = new Api(PLATFORM.signer());
    Map<String, IntSupplier> doors = new TreeMap<>();
    doors.put("job", () -> job(key));
    doors.put("chat", () -> api.get("/v1/models", key).status());
    doors.put("forward-auth", () -> keys.get("/v1/authz", key).status());
    for (String path : PROTECTED) {
      doors.put("session " + path, () -> api.get(path, tenant.accessToken()).status());
    }
    doors.put(
        "refresh",
        () -> token("grant_type=refresh_token&refresh_token=" + tenant.refreshToken(), ""));
    doors.put(
        "program",
        () ->
            token(
                "grant_type=client_credentials",
                program.path("client_id").asText() + ":" + program.path("client_secret").asText()));
    doors.put(
        "signer info", () -> signer.post("/sign-orchestrator-info", signerToken, "{}").status());
    doors.put(
        "signer discovery", () -> signer.get("/discover-orchestrators", signerToken).status());
    doors.put(
        "signer payment", () -> signer.post("/generate-live-payment", signerToken, "{}").status());
    assertThat(doors.get("job").getAsInt()).isEqualTo(200);
    assertThat(doors.get("forward-auth").getAsInt()).isEqualTo(200);
    assertThat(doors.get("signer info").getAsInt()).isEqualTo(200);
    assertThat(doors.get("signer payment").getAsInt()).isEqualTo(400);

    status(operator, tenant, "suspend");
    Thread.sleep(DOOR.toMillis());

    Map<String, Integer> after = new TreeMap<>();
    doors.forEach((door, knock) -> after.put(door, knock.getAsInt()));
    assertThat(after).allSatisfy((door, answer) -> assertThat(answer).as(door).isIn(400, 401, 403));
    assertThat(after.get("signer payment")).isEqualTo(403);
  }

  private JsonNode post(Api.Session session, String path, String body) {
    return api.send(
            api.request(path, session.accessToken())
                .header("content-type", "application/json")
                .header("idempotency-key", "doors-" + System.nanoTime())
                .POST(HttpRequest.BodyPublishers.ofString(body)))
        .expect(201)
        .json();
  }

  private int token(String form, String basic) {
    HttpRequest.Builder request =
        api.request("/oauth/token", null)
            .header("content-type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(form));
    if (!basic.isEmpty()) {
      request.header(
          "authorization",
          "Basic " + Base64.getEncoder().encodeToString(basic.getBytes(StandardCharsets.US_ASCII)));
    }
    return api.send(request).status();
  }

  @Test
  void checksTheAuditLogAndShowsWhatWasDoneToIt() throws Exception {
    Api.Session operator = api.signIn(PLATFORM.operator());
    List<String> lines =
        new ArrayList<>(
            api.get("/v1/audit/export", operator.accessToken())
                .expect(200)
                .text()
                .lines()
                .toList());
    String head =
        api.get("/v1/audit?limit=1", operator.accessToken()).json().at("/data/0/hash").asText();

    String good = audit(lines);
    assertThat(good).contains(lines.size() + " entries hold together").endsWith("exit 0");
    assertThat(audit(lines, "--head", head)).endsWith("exit 0");

    List<String> removed = new ArrayList<>(lines);
    removed.remove(1);
    assertThat(audit(removed)).contains("removed or moved").endsWith("exit 1");
    List<String> reordered = new ArrayList<>(lines);
    reordered.set(1, lines.get(2));
    reordered.set(2, lines.get(1));
    assertThat(audit(reordered)).endsWith("exit 1");
    List<String> altered = new ArrayList<>(lines);
    altered.set(0, lines.get(0).replace("\"action\":\"", "\"action\":\"x"));
    assertThat(audit(altered)).contains("entry 1 was altered").endsWith("exit 1");
    List<String> cut = lines.subList(0, lines.size() - 1);
    assertThat(audit(cut, "--head", head)).contains("from the end").endsWith("exit 1");
  }

  private String audit(List<String> lines, String... more) throws Exception {
    Path file = folder.resolve("audit.jsonl");
    Files.write(file, lines);
    List<String> command = new ArrayList<>(List.of("./naap", "audit", file.toString()));
    command.addAll(List.of(more));
    ProcessBuilder builder = new ProcessBuilder(command).directory(Repository.ROOT.toFile());
    builder.environment().put("NAAP_BUILT", "1");
    Process process = builder.redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return said + "exit " + process.waitFor();
  }

  private int job(String key) {
    return api.post("/text-to-image", key, "{\"prompt\":\"a\",\"width\":64,\"height\":64}")
        .status();
  }

  private void status(Api.Session operator, Api.Session tenant, String verb) {
    api.post(
            "/v1/tenants/" + tenant.tenantId() + "/" + verb,
            operator.accessToken(),
            "{\"reason\":\"test\"}")
        .expect(200);
  }

  private void endSession(Api.Session session) {
    JsonNode sessions = api.get("/v1/sessions", session.accessToken()).expect(200).json();
    HttpRequest.Builder end =
        api.request("/v1/sessions/" + sessions.at("/data/0/id").asText(), session.accessToken())
            .DELETE();
    api.send(end).expect(204);
  }

  private List<Integer> statuses(Api.Session session) {
    return PROTECTED.stream().map(path -> api.get(path, session.accessToken()).status()).toList();
  }

  private static boolean within(Duration patience, BooleanSupplier condition)
      throws InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    while (System.nanoTime() < end) {
      if (condition.getAsBoolean()) {
        return true;
      }
      Thread.sleep(100);
    }
    return false;
  }
}
