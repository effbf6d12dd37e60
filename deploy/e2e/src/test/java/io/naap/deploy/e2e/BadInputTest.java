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
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bad input gets its status and a problem that says what to change, and leaves nothing behind. */
class BadInputTest {
  private static final Platform PLATFORM = Started.platform();
  private static final Api API = new Api(PLATFORM.origin());
  private static Api.Session tenant;
  private static String key;

  @BeforeAll
  static void aTenantWithMoneyAndAKey() {
    tenant = API.signIn(Wallets.random());
    Api.Session operator = new Api(PLATFORM.origin()).signIn(PLATFORM.operator());
    API.credit(operator, tenant.tenantId(), "1.00", "bad-" + tenant.tenantId()).expect(201);
    key = API.createKey(tenant, "{\"name\":\"bad input\"}").path("key").asText();
  }

  /** What is sent, and the status and code it must get. */
  record Case(String name, HttpRequest.Builder request, int status, String code) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Case> cases() {
    return Stream.of(
        job(
            "malformed JSON for the router",
            "/text-to-image",
            "{\"prompt\":",
            400,
            "malformed_json"),
        job(
            "trailing text after JSON",
            "/text-to-image",
            "{\"prompt\":\"a\"} x",
            400,
            "malformed_json"),
        job("a missing prompt", "/text-to-image", "{}", 422, null),
        job("a negative width", "/text-to-image", "{\"prompt\":\"a\",\"width\":-1}", 422, null),
        job("a fractional width", "/text-to-image", "{\"prompt\":\"a\",\"width\":1.5}", 422, null),
        job(
            "an absurd size",
            "/text-to-image",
            "{\"prompt\":\"a\",\"width\":99999999,\"height\":99999999}",
            422,
            null),
        job(
            "an unknown model",
            "/text-to-image",
            "{\"prompt\":\"a\",\"model_id\":\"no/such\"}",
            404,
            null),
        new Case(
            "an unknown capability",
            json(
                "/v1/chat/completions",
                key,
                "{\"model\":\"no/such\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}"),
            404,
            null),
        new Case(
            "the wrong content type for a job",
            API.request("/text-to-image", key)
                .header("content-type", "text/plain")
                .POST(HttpRequest.BodyPublishers.ofString("{\"prompt\":\"a\"}")),
            415,
            null),
        new Case(
            "a body that is too large",
            json("/text-to-image", key, "{\"prompt\":\"" + "a".repeat(5 * 1024 * 1024) + "\"}"),
            413,
            "body_too_large"),
        new Case(
            "headers that are too large",
            API.request("/text-to-image", key)
                .header("content-type", "application/json")
                .header("x-padding", "a".repeat(30_000))
                .POST(HttpRequest.BodyPublishers.ofString("{\"prompt\":\"a\"}")),
            431,
            "headers_too_large"),
        new Case(
            "a key with a bad checksum",
            json(
                "/text-to-image",
                key.substring(0, 59) + (key.endsWith("a") ? "b" : "a"),
                "{\"prompt\":\"a\"}"),
            401,
            null),
        new Case("no key", json("/text-to-image", null, "{\"prompt\":\"a\"}"), 401, null),
        own("malformed JSON for keys", "/v1/keys", "{", 400, "malformed_json"),
        own("an unknown field", "/v1/keys", "{\"name\":\"a\",\"nmae\":\"b\"}", 422, "invalid"),
        own(
            "a negative limit",
            "/v1/keys",
            "{\"name\":\"a\",\"limits\":{\"requests_per_minute\":-1}}",
            422,
            "invalid"),
        own(
            "a fractional limit",
            "/v1/keys",
            "{\"name\":\"a\",\"limits\":{\"requests_per_minute\":1.5}}",
            422,
            "invalid"),
        own(
            "a limit as text",
            "/v1/keys",
            "{\"name\":\"a\",\"limits\":{\"requests_per_minute\":\"5\"}}",
            422,
            "invalid"),
        own(
            "a cap in no unit",
            "/v1/keys",
            "{\"name\":\"a\",\"limits\":{\"caps\":[{\"what\":\"bananas\",\"window\":\"day\",\"limit\":1}]}}",
            422,
            "invalid"),
        own(
            "a duplicate field",
            "/v1/keys",
            "{\"name\":\"a\",\"name\":\"b\"}",
            400,
            "malformed_json"),
        new Case(
            "the wrong content type for keys",
            API.request("/v1/keys", tenant.accessToken())
                .header("content-type", "text/plain")
                .POST(HttpRequest.BodyPublishers.ofString("{\"name\":\"a\"}")),
            415,
            null),
        new Case(
            "an expired nonce",
            json(
                "/auth/siwe/verify",
                null,
                "{\"message\":\"localhost wants\",\"signature\":\"0x00\"}"),
            422,
            null),
        new Case(
            "a credit by someone who is no operator",
            json(
                "/v1/payments/credits",
                tenant.accessToken(),
                "{\"tenant_id\":\""
                    + tenant.tenantId()
                    + "\",\"amount\":{\"amount\":\"1\",\"currency\":\"USD\"},\"reason\":\"x\"}"),
            403,
            null));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void getsItsStatusAndAProblemAndLeavesNothingBehind(Case bad) throws SQLException {
    Map<String, Long> before = rows();

    Api.Answer answer = API.send(bad.request());

    assertThat(answer.status()).as(answer.toString()).isEqualTo(bad.status());
    JsonNode problem = answer.json();
    // The facade speaks OpenAI's error shape; everything else is a problem.
    JsonNode error = problem.has("error") ? problem.path("error") : problem;
    assertThat(error.path("code").asText()).isNotEmpty();
    if (bad.code() != null) {
      assertThat(error.path("code").asText()).isEqualTo(bad.code());
    }
    assertThat(answer.text()).doesNotContain("Exception", "io.naap", "java.");
    assertThat(rows()).isEqualTo(before);
  }

  @Test
  void keepsNoHoldOfRefusedJobs() {
    JsonNode balance = API.get("/v1/balance", tenant.accessToken()).expect(200).json();

    assertThat(balance.path("balance").path("amount").asText()).isEqualTo("1.00");
  }

  private static Case job(String name, String path, String body, int status, String code) {
    return new Case(name, json(path, key, body), status, code);
  }

  private static Case own(String name, String path, String body, int status, String code) {
    HttpRequest.Builder request =
        json(path, tenant.accessToken(), body).header("idempotency-key", "bad-" + name.hashCode());
    return new Case(name, request, status, code);
  }

  private static HttpRequest.Builder json(String path, String bearer, String body) {
    return API.request(path, bearer)
        .header("content-type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(body));
  }

  /** Rows of every table that a request could have added to. */
  private static Map<String, Long> rows() throws SQLException {
    Map<String, Long> rows = new LinkedHashMap<>();
    count(rows, "auth", "users", "sessions", "tenants");
    count(rows, "keys", "api_keys", "outbox");
    // What the comparison of charges and returning money write by themselves is no request's.
    count(rows, "metering", "usage_event", "outbox where topic not like 'naap:charge-%'");
    count(
        rows,
        "clearinghouse",
        "journal where kind <> 'funding_returned'",
        "posting p join journal j on j.id = p.journal_id where j.kind <> 'funding_returned'");
    return rows;
  }

  private static void count(Map<String, Long> rows, String service, String... tables)
      throws SQLException {
    Platform.Database database = PLATFORM.database(service);
    try (Connection connection =
            DriverManager.getConnection(database.url(), database.user(), database.password());
        Statement statement = connection.createStatement()) {
      for (String table : tables) {
        try (ResultSet result = statement.executeQuery("SELECT count(*) FROM " + table)) {
          result.next();
          rows.put(service + "." + table, result.getLong(1));
        }
      }
    }
  }
}
