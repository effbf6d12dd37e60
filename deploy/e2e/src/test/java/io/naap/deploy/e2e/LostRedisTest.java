package io.naap.deploy.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import io.naap.deploy.local.Api;
import io.naap.deploy.local.Platform;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Redis loses everything, or goes back to an older file, while the ledger is away: every stored job
 * is charged once, and what a correction gives back comes once.
 */
@Timeout(300)
class LostRedisTest {
  private static final Platform PLATFORM = Started.platform();

  private final Api api = new Api(PLATFORM.origin());
  private final Path redisFolder = PLATFORM.data().resolve("redis");
  private Api.Session operator;
  private Api.Session tenant;
  private String key;

  @BeforeEach
  void aTenantWithMoneyAndAKey() {
    tenant = api.signIn(Wallets.random());
    Started.alarms(tenant.tenantId());
    operator = api.signIn(PLATFORM.operator());
    api.credit(operator, tenant.tenantId(), "1.00", "redis-" + tenant.tenantId()).expect(201);
    key = api.createKey(tenant, "{\"name\":\"redis\"}").path("key").asText();
  }

  @Test
  void everyStoredJobIsChargedOnceWhenRedisIsEmptied() throws Exception {
    List<String> jobs = jobs(3);
    settled(jobs);
    PLATFORM.kill("clearinghouse");
    jobs.addAll(jobs(10));
    stored(jobs);
    correct(jobs.removeFirst());
    PLATFORM.redis(false);
    empty(redisFolder);
    PLATFORM.redis(true);
    PLATFORM.restart("clearinghouse");

    settled(jobs);
    verified();
  }

  @Test
  void everyStoredJobIsChargedOnceWhenRedisGoesBackToAnOlderFile() throws Exception {
    List<String> jobs = jobs(3);
    settled(jobs);
    PLATFORM.redis(false);
    Path older = Files.createTempDirectory("naap-redis");
    copy(redisFolder, older);
    PLATFORM.redis(true);
    for (int at = 0; at < 5; at++) {
      until("jobs are served again", () -> tryJob(jobs));
    }
    settled(jobs);
    // Money that nobody has used for a minute went back to the ledger; this job sets it aside
    // again.
    until("jobs are served", () -> tryJob(jobs));
    PLATFORM.kill("clearinghouse");
    for (int at = 0; at < 6; at++) {
      until("jobs are served", () -> tryJob(jobs));
    }
    stored(jobs);
    correct(jobs.removeFirst());
    PLATFORM.redis(false);
    empty(redisFolder);
    copy(older, redisFolder);
    PLATFORM.redis(true);
    PLATFORM.restart("clearinghouse");

    settled(jobs);
    verified();
  }

  @Test
  void whatMeteringCommittedAndDidNotPublishIsChargedWhenItIsBack() throws Exception {
    List<String> jobs = jobs(1);
    settled(jobs);
    // Metering stores, and nothing can be published: then it dies with what it has.
    PLATFORM.redis(false);
    correct(jobs.removeFirst());
    PLATFORM.kill("metering");
    empty(redisFolder);
    PLATFORM.redis(true);
    PLATFORM.restart("metering");

    settled(jobs);
    verified();
  }

  @Test
  void aChargeThatTheLedgerLostIsNamedAndBookedAgain() throws Exception {
    List<String> jobs = jobs(2);
    settled(jobs);
    PLATFORM.kill("clearinghouse");
    String lost = jobs(1).getFirst();
    Started.alarms(lost);
    stored(List.of(lost));
    jobs.add(lost);
    // As if the ledger's acknowledgement had been wrong: metering believes that it has the charge.
    until("it waits for the ledger", () -> number("metering", WAITING) > 0);
    sql("metering", "delete from outbox where topic = 'naap:charges'");
    PlatformRedis.command(PLATFORM, "DEL", "naap:charges");
    PLATFORM.restart("clearinghouse");

    until(
        "it is named",
        () ->
            number(
                    "clearinghouse",
                    "select count(*) from charge_difference where kind = 'missing'"
                        + " and usage_event_id like '"
                        + lost
                        + "%'")
                == 1);
    settled(jobs);
    until("it is healed", () -> number("clearinghouse", OPEN) == 0);
    verified();
  }

  private static final String WAITING = "select count(*) from outbox where topic = 'naap:charges'";
  private static final String OPEN =
      "select count(*) from charge_difference where healed_at is null";

  private List<String> jobs(int count) {
    List<String> jobs = new ArrayList<>();
    for (int at = 0; at < count; at++) {
      jobs.add(
          api.post("/text-to-image", key, "{\"prompt\":\"a\",\"width\":64,\"height\":64}")
              .expect(200)
              .header("x-request-id"));
    }
    return jobs;
  }

  private boolean tryJob(List<String> jobs) {
    Api.Answer answer =
        api.post("/text-to-image", key, "{\"prompt\":\"a\",\"width\":64,\"height\":64}");
    if (answer.status() == 200) {
      jobs.add(answer.header("x-request-id"));
    }
    return answer.status() == 200;
  }

  private void stored(List<String> jobs) throws Exception {
    for (String job : jobs) {
      until("job " + job + " is stored", () -> eventsOf(job).size() == 1);
    }
  }

  /** Everything that these jobs cost, and nothing else, is gone from the balance. */
  private void settled(List<String> jobs) throws Exception {
    stored(jobs);
    BigDecimal spent = BigDecimal.ZERO;
    for (String job : jobs) {
      spent = spent.add(new BigDecimal(eventsOf(job).at("/0/cost/amount").asText()));
    }
    BigDecimal left = BigDecimal.ONE.subtract(spent);
    until("the balance is " + left, () -> balance().compareTo(left) == 0);
  }

  private void correct(String job) {
    api.post(
            "/v1/usage/events/" + eventsOf(job).at("/0/event_id").asText() + "/correction",
            operator.accessToken(),
            "{}")
        .expect(200);
  }

  private void verified() throws Exception {
    until("all is compared", () -> LedgerVerification.of(PLATFORM).status() == 0);
  }

  private JsonNode eventsOf(String request) {
    return api.get("/v1/usage/events?request_id=" + request, tenant.accessToken())
        .expect(200)
        .json()
        .path("data");
  }

  private BigDecimal balance() {
    Api.Answer answer = api.get("/v1/balance", tenant.accessToken());
    return answer.status() == 200
        ? new BigDecimal(answer.json().at("/balance/amount").asText())
        : BigDecimal.TEN;
  }

  private static long number(String service, String sql) throws SQLException {
    try (Connection connection = connection(service);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  private static void sql(String service, String sql) throws SQLException {
    try (Connection connection = connection(service);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static Connection connection(String service) throws SQLException {
    Platform.Database database = PLATFORM.database(service);
    Properties login = new Properties();
    login.setProperty("user", database.user());
    login.setProperty("password", database.password());
    return DriverManager.getConnection(database.url(), login);
  }

  private static void empty(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      files
          .sorted(Comparator.reverseOrder())
          .filter(file -> !file.equals(folder))
          .forEach(LostRedisTest::delete);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
  }

  private static void until(String what, Callable<Boolean> condition) throws Exception {
    for (int look = 0; look < 900; look++) {
      if (condition.call()) {
        return;
      }
      Thread.sleep(100);
    }
    throw new AssertionError("never: " + what);
  }
}
