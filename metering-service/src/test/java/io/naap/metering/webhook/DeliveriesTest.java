package io.naap.metering.webhook;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.startsWith;

import com.sun.net.httpserver.HttpServer;
import io.naap.contracts.identity.Role;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.secret.Secret;
import io.naap.contracts.testing.Stores;
import io.naap.contracts.testing.Tokens;
import io.naap.metering.Samples;
import io.naap.metering.metrics.MeteringMetrics;
import io.naap.store.Transactions;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Delivers messages to a real HTTP receiver. The tests hold the lock of the service's own
 * deliveries job, so that it does not run meanwhile, as if another replica ran it.
 */
@QuarkusTest
@QuarkusTestResource(Stores.class)
class DeliveriesTest {
  private static final String TARGET = "https://203.113.0.1/hook";

  @Inject Transactions transactions;
  @Inject MeteringMetrics metrics;
  @Inject Sealing sealing;
  @Inject Vertx vertx;

  private final String tenant = Samples.id(IdKind.TENANT);
  private final String owner = Tokens.of(tenant, Role.OWNER);
  private final List<Received> received = new CopyOnWriteArrayList<>();
  private volatile int answer = 204;
  private HttpServer receiver;
  private Duration ahead = Duration.ZERO;

  private record Received(String id, long seconds, List<String> signatures, String body) {}

  private record Config(boolean allowPrivateTargets) implements WebhookConfig {
    @Override
    public Secret keyEncryptionSecret() {
      return Secret.of("unused");
    }

    @Override
    public List<Duration> retries() {
      return List.of(Duration.ofSeconds(5), Duration.ofMinutes(5));
    }

    @Override
    public Duration timeout() {
      return Duration.ofSeconds(5);
    }

    @Override
    public int mostPerTenant() {
      return 20;
    }

    @Override
    public Duration longest() {
      return Duration.ofDays(7);
    }

    @Override
    public int atOnce() {
      return 100;
    }

    @Override
    public int atOncePerTenant() {
      return 4;
    }

    @Override
    public int atOncePerTarget() {
      return 16;
    }

    @Override
    public int testsPerMinute() {
      return 10;
    }
  }

  @BeforeEach
  void listen() throws IOException {
    receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    receiver.createContext(
        "/",
        exchange -> {
          received.add(
              new Received(
                  exchange.getRequestHeaders().getFirst("webhook-id"),
                  Long.parseLong(exchange.getRequestHeaders().getFirst("webhook-timestamp")),
                  List.of(
                      exchange.getRequestHeaders().getFirst("webhook-signature").split(" ", -1)),
                  new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
          exchange.getResponseHeaders().add("location", "/elsewhere");
          exchange.sendResponseHeaders(answer, -1);
          exchange.close();
        });
    receiver.start();
  }

  @AfterEach
  void hangUp() {
    receiver.stop(0);
  }

  @Test
  void signsWithTheSecretAndAfterARotationWithBoth() {
    alone(
        () -> {
          Made made = webhook();
          test(made.id);
          run(true);
          String fresh = rotate(made.id);
          test(made.id);
          run(true);

          assertThat(received).hasSize(2);
          assertThat(received.get(0).signatures)
              .containsExactly(signature(made.secret, received.get(0)));
          assertThat(received.get(1).signatures)
              .containsExactly(
                  signature(fresh, received.get(1)), signature(made.secret, received.get(1)));
          assertThat(received.get(0).body).startsWith("{\"type\":\"test\"");

          ahead = ahead.plus(Duration.ofHours(25));
          test(made.id);
          run(true);
          assertThat(received.get(2).signatures).containsExactly(signature(fresh, received.get(2)));
        });
  }

  @Test
  void triesAgainByTheScheduleAndGivesUpAfterTheLast() {
    alone(
        () -> {
          answer = 500;
          Made made = webhook();
          test(made.id);
          run(true);
          run(true);
          assertThat(received).hasSize(1);
          ahead = ahead.plusSeconds(6);
          run(true);
          assertThat(received).hasSize(2);
          ahead = ahead.plusSeconds(301);
          run(true);
          log(made.id, "given_up", 3, 500);
          ahead = ahead.plus(Duration.ofDays(2));
          run(true);
          assertThat(received).hasSize(3).extracting(Received::id).containsOnly(received.get(0).id);

          answer = 204;
          resend(made.id);
          run(true);
          log(made.id, "delivered", 1, 204);
          assertThat(received.get(3).id).isEqualTo(received.get(0).id);
        });
  }

  /**
   * Regression: a delivery once waited 246 seconds behind the messages of another tenant, whose
   * receiver never answered.
   */
  @Test
  void aReceiverThatNeverAnswersDelaysNobodyElse() {
    alone(
        () -> {
          Made good = webhook();
          String hostile = Samples.id(IdKind.TENANT);
          String silent = Samples.id(IdKind.WEBHOOK);
          try (java.net.ServerSocket never = new java.net.ServerSocket(0)) {
            transactions.run(
                tx -> {
                  tx.change(
                      "insert into webhook (id, tenant_id, url, events, sealed) values ($1, $2, $3, $4, $5)",
                      silent,
                      hostile,
                      "http://127.0.0.1:" + never.getLocalPort() + "/",
                      new String[] {"test"},
                      sealing.seal(silent, Secret.of("whsec_AAAA")));
                  return tx.change(
                      "insert into webhook_delivery (webhook_id, message_id, type, payload)"
                          + " select $1, 'msg_' || n, 'test', '{}' from generate_series(1, 200) n",
                      silent);
                });
            test(good.id);
            Deliveries deliveries = deliveries(ahead);

            deliveries.run();

            long deadline = System.nanoTime() + Duration.ofSeconds(3).toNanos();
            while (received.isEmpty() && System.nanoTime() < deadline) {
              Thread.onSpinWait();
            }
            assertThat(received).hasSize(1);
            assertThat(
                    transactions
                        .run(
                            tx ->
                                tx.one(
                                    "select count(*) from webhook_delivery where webhook_id = $1 and attempts > 0",
                                    silent))
                        .orElseThrow()
                        .getLong(0))
                .isEqualTo(4);
          } catch (IOException failed) {
            throw new IllegalStateException(failed);
          } finally {
            transactions.run(tx -> tx.change("delete from webhook where id = $1", silent));
          }
        });
  }

  @Test
  void aDeliveryThatCannotBeSentEndsToo() {
    alone(
        () -> {
          Made made = webhook();
          transactions.run(
              tx ->
                  tx.change(
                      "update webhook set url = 'http://127.0.0.1:99999/' where id = $1", made.id));
          test(made.id);
          for (int attempt = 0; attempt < 4; attempt++) {
            run(true);
            ahead = ahead.plusSeconds(301);
          }

          log(made.id, "given_up", 3, null);
        });
  }

  @Test
  void whatNobodySendsForAWeekIsGivenUp() {
    alone(
        () -> {
          Made made = webhook();
          test(made.id);
          transactions.run(
              tx -> tx.change("update webhook set enabled = false where id = $1", made.id));
          run(true);
          ahead = ahead.plus(Duration.ofDays(8));
          run(true);

          log(made.id, "given_up", 0, null);
          assertThat(received).isEmpty();
        });
  }

  @Test
  void testMessagesAreFew() {
    alone(
        () -> {
          Made made = webhook();
          for (int i = 0; i < 10; i++) {
            test(made.id);
          }

          given()
              .auth()
              .oauth2(owner)
              .post("/v1/webhooks/" + made.id + "/test")
              .then()
              .statusCode(429);
        });
  }

  @Test
  void followsNoRedirect() {
    alone(
        () -> {
          answer = 302;
          Made made = webhook();
          test(made.id);
          run(true);

          assertThat(received).hasSize(1);
          log(made.id, "waiting", 1, 302);
        });
  }

  @Test
  void sendsNothingToATargetThatIsInsideWhenItIsSent() {
    alone(
        () -> {
          Made made = webhook();
          test(made.id);
          run(false);

          assertThat(received).isEmpty();
          deliveries(made.id)
              .then()
              .body("data[0].state", equalTo("waiting"))
              .body("data[0].last_error", startsWith("a webhook's URL is https"));
        });
  }

  /**
   * Host names are resolved at each attempt: when a name resolves to a private address by then, the
   * attempt is refused.
   */
  @Test
  void opensNoConnectionToAnAddressInsideHoweverItsNameAnswers() {
    alone(
        () -> {
          Made made = webhook();
          transactions.run(
              tx ->
                  tx.change(
                      "update webhook set url = $2 where id = $1",
                      made.id,
                      "https://hooks.example.com:" + receiver.getAddress().getPort() + "/hook"));
          test(made.id);
          for (String answers :
              List.of("127.0.0.1", "10.0.0.1", "169.254.169.254", "fe80::1", "8.8.8.8 127.0.0.1")) {
            run(false, host -> addresses(answers));
            deliveries(made.id)
                .then()
                .body("data[0].state", equalTo("waiting"))
                .body("data[0].last_error", equalTo("the host is not on the public internet"));
            transactions.run(
                tx ->
                    tx.change(
                        "update webhook_delivery set next_at = now(), attempts = 0, last_error = null where webhook_id = $1",
                        made.id));
          }
          assertThat(received).isEmpty();
        });
  }

  private static InetAddress[] addresses(String answers) throws UnknownHostException {
    String[] all = answers.split(" ", -1);
    InetAddress[] addresses = new InetAddress[all.length];
    for (int at = 0; at < all.length; at++) {
      addresses[at] = InetAddress.getByName(all[at]);
    }
    return addresses;
  }

  @Test
  void severalReplicasSendAMessageOnce() {
    alone(
        () -> {
          Made made = webhook();
          for (int at = 0; at < 10; at++) {
            test(made.id);
          }

          // A replica that finds its neighbours' rows locked leaves them to the next round.
          for (int round = 0; round < 20 && received.size() < 10; round++) {
            runAtOnce();
          }
          runAtOnce();

          assertThat(received).extracting(Received::id).hasSize(10).doesNotHaveDuplicates();
        });
  }

  @Test
  void storesNoSecretThatCanBeRead() {
    Made made = webhook();

    String stored =
        transactions.run(
            tx ->
                tx.one("select (w.*)::text from webhook w where id = $1", made.id)
                    .orElseThrow()
                    .getString(0));
    assertThat(stored).doesNotContain(made.secret).doesNotContain("whsec_");
    String remembered =
        transactions.run(
            tx ->
                tx.one("select string_agg(body, ' ') from idempotency").orElseThrow().getString(0));
    assertThat(remembered).isNotBlank().doesNotContain(made.id).doesNotContain("whsec_");
  }

  @Test
  void encryptsWhatWasStoredAsTextBefore() {
    Made made = webhook();
    transactions.run(
        tx ->
            tx.change(
                "update webhook set secret = $2, old_secret = $2, sealed = null where id = $1",
                made.id,
                made.secret));

    sealing.sealStored();
    sealing.sealStored();

    alone(
        () -> {
          test(made.id);
          run(true);
          assertThat(received.get(0).signatures)
              .containsExactly(signature(made.secret, received.get(0)));
        });
  }

  @Test
  void theSameRequestIsAnsweredWithTheSameWebhook() {
    String key = Samples.id(IdKind.EVENT);
    String id = create(key).path("id");

    create(key).then().body("id", equalTo(id)).body("secret", startsWith("whsec_"));
  }

  private record Made(String id, String secret) {}

  private Made webhook() {
    io.restassured.response.Response made = create(Samples.id(IdKind.EVENT));
    String id = made.path("id");
    String url = "http://127.0.0.1:" + receiver.getAddress().getPort() + "/hook";
    transactions.run(tx -> tx.change("update webhook set url = $2 where id = $1", id, url));
    return new Made(id, made.path("secret"));
  }

  private io.restassured.response.Response create(String key) {
    return given()
        .auth()
        .oauth2(owner)
        .contentType("application/json")
        .header("Idempotency-Key", key)
        .body("{\"url\":\"" + TARGET + "\"}")
        .post("/v1/webhooks")
        .then()
        .statusCode(201)
        .extract()
        .response();
  }

  private String rotate(String id) {
    return given()
        .auth()
        .oauth2(owner)
        .post("/v1/webhooks/" + id + "/secret")
        .then()
        .statusCode(200)
        .extract()
        .path("secret");
  }

  private void test(String id) {
    given().auth().oauth2(owner).post("/v1/webhooks/" + id + "/test").then().statusCode(202);
  }

  private void resend(String id) {
    Number delivery = deliveries(id).path("data[0].id");
    given()
        .auth()
        .oauth2(owner)
        .post("/v1/webhooks/" + id + "/deliveries/" + delivery + "/resend")
        .then()
        .statusCode(202);
  }

  private io.restassured.response.Response deliveries(String id) {
    return given().auth().oauth2(owner).get("/v1/webhooks/" + id + "/deliveries");
  }

  private void log(String id, String state, int attempts, Integer status) {
    deliveries(id)
        .then()
        .body("data[0].state", equalTo(state))
        .body("data[0].attempts", equalTo(attempts))
        .body("data[0].last_status", equalTo(status));
  }

  private void run(boolean allowPrivate) {
    run(allowPrivate, InetAddress::getAllByName);
  }

  private void run(boolean allowPrivate, Targets.Resolver resolver) {
    Deliveries deliveries = deliveries(ahead, allowPrivate, resolver);
    deliveries.run();
    try {
      deliveries.awaitEnds();
    } catch (InterruptedException hurried) {
      throw new IllegalStateException(hurried);
    }
  }

  private Deliveries deliveries(Duration ahead) {
    return deliveries(ahead, true, InetAddress::getAllByName);
  }

  private Deliveries deliveries(Duration ahead, boolean allowPrivate, Targets.Resolver resolver) {
    Clock clock = Clock.fixed(Instant.now().plus(ahead), ZoneOffset.UTC);
    return new Deliveries(
        transactions, new Config(allowPrivate), metrics, clock, sealing, resolver, vertx);
  }

  /** Runs the job as four replicas at the same moment. */
  private void runAtOnce() {
    try (ExecutorService replicas = Executors.newFixedThreadPool(4)) {
      List<Future<?>> all = new ArrayList<>();
      for (int at = 0; at < 4; at++) {
        all.add(replicas.submit(() -> run(true)));
      }
      for (Future<?> one : all) {
        one.get();
      }
    } catch (InterruptedException | ExecutionException failed) {
      throw new IllegalStateException(failed);
    }
  }

  private void alone(Runnable work) {
    transactions.run(
        tx -> {
          tx.query("select pg_advisory_xact_lock(7218, hashtext('deliveries'))");
          work.run();
          return true;
        });
  }

  private static String signature(String secret, Received message) {
    return Signature.of(Secret.of(secret), message.id, message.seconds, message.body);
  }
}
