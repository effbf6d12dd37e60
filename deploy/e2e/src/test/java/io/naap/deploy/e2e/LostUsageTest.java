package io.naap.deploy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.naap.deploy.local.Api;
import io.naap.deploy.local.Platform;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A router is killed, Redis forgets, and a record in the middle of the spool is damaged: that one
 * is lost and a person is told, everything else is charged once, and the router goes on.
 */
@Timeout(240)
class LostUsageTest {
  private static final Platform PLATFORM = Started.platform();
  private static final Pattern INSTANCE = Pattern.compile("\"instance\":\"([^\"]+)\"");
  private static final Pattern POSITION = Pattern.compile("\"spool_position\":([0-9]+)");

  private final Api api = new Api(PLATFORM.origin());
  private final Path spool = PLATFORM.data().resolve("spool");
  private Api.Session operator;
  private Api.Session tenant;
  private String key;

  @BeforeEach
  void aTenantWithMoneyAndAKey() {
    tenant = api.signIn(Wallets.random());
    // Admission counted a job that nobody will be charged.
    Started.alarms(tenant.tenantId());
    operator = api.signIn(PLATFORM.operator());
    api.credit(operator, tenant.tenantId(), "1.00", "lost-" + tenant.tenantId()).expect(201);
    key = api.createKey(tenant, "{\"name\":\"lost\"}").path("key").asText();
  }

  @Test
  void aDamagedRecordCostsItselfAndNothingElse() throws Exception {
    List<String> jobs = new ArrayList<>(List.of(job()));
    until("the router is warm", () -> eventsOf(jobs.getFirst()).size() == 1);
    PLATFORM.kill("metering");
    for (int at = 0; at < 5; at++) {
      jobs.add(job());
    }
    PLATFORM.kill("router");
    PlatformRedis.command(PLATFORM, "DEL", "naap:usage:0");
    String lost = jobs.remove(3);
    Place damaged = damage(lost);
    Started.alarms(damaged.instance);
    List<Path> before = segments();

    PLATFORM.restart("metering");
    PLATFORM.restart("router");

    until("the gap is declared", () -> isDeclared(damaged));
    for (int at = 0; at < 3; at++) {
      jobs.add(job());
    }
    BigDecimal spent = BigDecimal.ZERO;
    for (String job : jobs) {
      until("job " + job + " is rated", () -> !eventsOf(job).isEmpty());
      assertThat(eventsOf(job)).as(job).hasSize(1);
      spent = spent.add(new BigDecimal(eventsOf(job).at("/0/cost/amount").asText()));
    }
    assertThat(spent).isPositive();
    BigDecimal left = BigDecimal.ONE.subtract(spent);
    until("nothing else is charged", () -> balance().compareTo(left) == 0);
    assertThat(eventsOf(lost)).isEmpty();
    until("the spool is let go of", () -> segments().stream().noneMatch(before::contains));
    assertThat(api.post("/text-to-image", key, "{\"prompt\":\"a\"}").expect(200)).isNotNull();
  }

  private record Place(String instance, long position) {}

  /** Turns one bit of a job's record, and says where it was. */
  private Place damage(String request) throws IOException {
    for (Path segment : segments()) {
      byte[] bytes = Files.readAllBytes(segment);
      String text = new String(bytes, StandardCharsets.ISO_8859_1);
      int at = text.indexOf(request);
      if (at >= 0) {
        bytes[at] = Integer.valueOf(bytes[at] ^ 1).byteValue();
        Files.write(segment, bytes);
        Matcher instance = INSTANCE.matcher(text);
        Matcher position = POSITION.matcher(text);
        assertThat(instance.find(at) && position.find(at)).isTrue();
        return new Place(instance.group(1), Long.parseLong(position.group(1)));
      }
    }
    throw new AssertionError(request + " is not in the spool");
  }

  private boolean isDeclared(Place damaged) {
    for (JsonNode one :
        api.get("/v1/usage/missing", operator.accessToken()).expect(200).json().path("data")) {
      if (one.path("instance").asText().equals(damaged.instance)
          && one.path("missing_from").asLong() == damaged.position
          && one.path("missing_to").asLong() == damaged.position) {
        return one.path("reason").asText().equals("unreadable");
      }
    }
    return false;
  }

  private List<Path> segments() {
    try (Stream<Path> files = Files.list(spool)) {
      return files.filter(file -> file.toString().endsWith(".usage")).toList();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private String job() {
    return api.post("/text-to-image", key, "{\"prompt\":\"a\",\"width\":64,\"height\":64}")
        .expect(200)
        .header("x-request-id");
  }

  private JsonNode eventsOf(String request) {
    return api.get("/v1/usage/events?request_id=" + request, tenant.accessToken())
        .expect(200)
        .json()
        .path("data");
  }

  private BigDecimal balance() {
    return new BigDecimal(
        api.get("/v1/balance", tenant.accessToken())
            .expect(200)
            .json()
            .at("/balance/amount")
            .asText());
  }

  private static void until(String what, Callable<Boolean> condition) throws Exception {
    for (int look = 0; look < 600; look++) {
      if (condition.call()) {
        return;
      }
      Thread.sleep(100);
    }
    throw new AssertionError("never: " + what);
  }
}
