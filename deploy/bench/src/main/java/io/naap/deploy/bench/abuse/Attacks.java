package io.naap.deploy.bench.abuse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.naap.deploy.local.Platform;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.CRC32;

/** What is tried. Everything goes to loopback, and ends when its time is over. */
final class Attacks {
  private static final String BASE62 =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

  private final Platform platform;
  private final String key;
  private final String token;
  private final SplittableRandom random = new SplittableRandom(16);
  private final HttpClient http = HttpClient.newHttpClient();

  /**
   * @param key of a tenant with no money
   * @param token of its owner
   */
  Attacks(Platform platform, String key, String token) {
    this.platform = platform;
    this.key = key;
    this.token = token;
  }

  List<Attack> all() {
    URI router = platform.direct("router");
    URI auth = platform.direct("auth");
    URI keys = platform.direct("keys");
    URI ledger = platform.direct("clearinghouse");
    String bearer = "Authorization: Bearer " + key + "\r\n";
    String json = "Content-Type: application/json\r\n";
    return List.of(
        held(
            "signin",
            "80 unfinished anonymous 1 MB sign-ins",
            auth,
            80,
            () ->
                Sockets.head("/auth/siwe/verify", json, 1_000_000)
                    + "{\"message\":\""
                    + "x".repeat(500_000)),
        held(
            "stripe",
            "150 unfinished 250 KB Stripe events",
            ledger,
            150,
            () ->
                Sockets.head(
                        "/hooks/stripe",
                        json
                            + "Stripe-Signature: t="
                            + System.currentTimeMillis() / 1_000
                            + ",v1="
                            + "a".repeat(64)
                            + "\r\n",
                        250_000)
                    + "{\"id\":\""
                    + "x".repeat(200_000)),
        held(
            "github",
            "120 unfinished 250 KB leak reports",
            keys,
            120,
            () ->
                Sockets.head(
                        "/hooks/github/secret-scanning",
                        json
                            + "Github-Public-Key-Identifier: x\r\nGithub-Public-Key-Signature: "
                            + "A".repeat(96)
                            + "\r\n",
                        250_000)
                    + "["
                    + " ".repeat(200_000)),
        held(
            "tenant",
            "80 unfinished 1 MB posts of a signed-in tenant",
            keys,
            80,
            () ->
                Sockets.head(
                        "/v1/keys", json + "Authorization: Bearer " + token + "\r\n", 1_000_000)
                    + "{\"name\":\""
                    + "x".repeat(500_000)),
        held("bytes", "1000 connections with one byte each", router, 1_000, () -> "P"),
        held(
            "json",
            "28 unfinished 3.9 MB JSON bodies of a key with $0.00",
            router,
            28,
            () ->
                Sockets.head("/text-to-image", json + bearer, 3_900_000)
                    + "{\"prompt\":\""
                    + "x".repeat(3_800_000)),
        repeated("names", "six bodies with 430,000 names at once", 6, 0, this::manyNames),
        held(
            "forms",
            "32 forms of 7.7 MB of a key with $0.00",
            router,
            32,
            () ->
                Sockets.head(
                        "/v1/images/edits",
                        bearer + "Content-Type: multipart/form-data; boundary=B\r\n",
                        7_700_000)
                    + "--B\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n\r\n"
                    + "x".repeat(7_600_000)),
        repeated("keys", "keys that do not exist with a good checksum", 8, 20, this::unknownKey),
        new Attack("readers", "100 readers of a media file that stall", this::stalledReaders),
        repeated("unserved", "jobs that no orchestrator serves", 40, 200, this::unservedJob),
        new Attack("webhooks", "webhook targets that never answer", this::silentWebhooks));
  }

  private interface Text {
    String text();
  }

  private static Attack held(String id, String name, URI server, int connections, Text text) {
    return new Attack(
        id,
        name,
        stop -> Sockets.keep(server, connections, () -> Sockets.bytes(text.text()), true, stop));
  }

  private interface Request {
    HttpRequest request();
  }

  private Attack repeated(String id, String name, int atOnce, long pauseMillis, Request request) {
    return new Attack(
        id,
        name,
        stop -> {
          List<Thread> threads = new ArrayList<>();
          for (int i = 0; i < atOnce; i++) {
            threads.add(Thread.ofVirtual().start(() -> repeat(request, pauseMillis, stop)));
          }
          return threads;
        });
  }

  private void repeat(Request request, long pauseMillis, AtomicBoolean stop) {
    while (!stop.get()) {
      try {
        http.send(request.request(), HttpResponse.BodyHandlers.discarding());
        Thread.sleep(pauseMillis);
      } catch (IOException refused) {
        // The connection was ended; that is an answer too.
      } catch (InterruptedException stopped) {
        return;
      }
    }
  }

  private HttpRequest.Builder asked(String path, String bearer) {
    return HttpRequest.newBuilder(platform.direct("router").resolve(path))
        .timeout(Duration.ofSeconds(20))
        // The platform believes its own proxies, which are on this machine.
        .header("X-Forwarded-For", "198.51.100.66")
        .header("Authorization", "Bearer " + bearer)
        .header("Content-Type", "application/json");
  }

  private HttpRequest manyNames() {
    StringBuilder body = new StringBuilder(4_000_000).append("{\"prompt\":\"a\"");
    for (int i = 0; i < 430_000; i++) {
      body.append(",\"").append(Integer.toString(i, 36)).append("\":1");
    }
    return asked("/text-to-image", key)
        .POST(HttpRequest.BodyPublishers.ofString(body.append('}').toString()))
        .build();
  }

  private synchronized HttpRequest unknownKey() {
    StringBuilder made = new StringBuilder("naap_live_");
    for (int i = 0; i < 44; i++) {
      made.append(BASE62.charAt(random.nextInt(62)));
    }
    CRC32 crc = new CRC32();
    crc.update(made.toString().getBytes(StandardCharsets.US_ASCII));
    long rest = crc.getValue();
    char[] check = new char[6];
    for (int at = 5; at >= 0; at--) {
      check[at] = BASE62.charAt((int) (rest % 62));
      rest /= 62;
    }
    return asked("/v1/models", made.append(check).toString()).GET().build();
  }

  /** The simulated gateway drops these, as a real one does when no orchestrator takes a job. */
  private HttpRequest unservedJob() {
    String job =
        "{\"id\":\"1\",\"request\":\"{}\",\"parameters\":\"{}\",\"capability\":\"nobody-serves-this\","
            + "\"timeout_seconds\":5}";
    return asked("/process/request/run", freeKey())
        .header(
            "Livepeer", Base64.getEncoder().encodeToString(job.getBytes(StandardCharsets.US_ASCII)))
        .POST(HttpRequest.BodyPublishers.ofString("{}"))
        .build();
  }

  private String paidKey = "";

  /** A key that can pay for jobs: without money none is sent to a gateway. */
  void payingKey(String paying) {
    paidKey = paying;
  }

  private String freeKey() {
    return paidKey;
  }

  private List<Thread> stalledReaders(AtomicBoolean stop) throws IOException, InterruptedException {
    JsonNode made =
        new ObjectMapper()
            .readTree(
                http.send(
                        asked("/text-to-image", paidKey)
                            .POST(
                                HttpRequest.BodyPublishers.ofString(
                                    "{\"prompt\":\"a\",\"width\":1024,\"height\":1024}"))
                            .build(),
                        HttpResponse.BodyHandlers.ofString())
                    .body());
    String path = URI.create(made.at("/images/0/url").asText()).getPath();
    return Sockets.keep(
        platform.direct("router"),
        100,
        () -> Sockets.bytes(("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n").repeat(50)),
        false,
        stop);
  }

  private List<Thread> silentWebhooks(AtomicBoolean stop) throws IOException {
    ServerSocket silent = new ServerSocket(0, 1_000, InetAddress.getLoopbackAddress());
    URI origin = platform.origin();
    return List.of(
        Thread.ofVirtual()
            .start(
                () -> {
                  try (silent) {
                    while (!stop.get()) {
                      webhook(origin, "http://127.0.0.1:" + silent.getLocalPort() + "/");
                      Thread.sleep(2_000);
                    }
                  } catch (IOException failed) {
                    throw new IllegalStateException(failed);
                  } catch (InterruptedException stopped) {
                    Thread.currentThread().interrupt();
                  }
                }));
  }

  private void webhook(URI origin, String url) throws IOException, InterruptedException {
    String made =
        http.send(
                HttpRequest.newBuilder(origin.resolve("/v1/webhooks"))
                    .header("Authorization", "Bearer " + token)
                    .header("Content-Type", "application/json")
                    .header("Idempotency-Key", "abuse-" + System.nanoTime())
                    .POST(HttpRequest.BodyPublishers.ofString("{\"url\":\"" + url + "\"}"))
                    .build(),
                HttpResponse.BodyHandlers.ofString())
            .body();
    String id = new ObjectMapper().readTree(made).path("id").asText();
    for (int i = 0; i < 20 && !id.isEmpty(); i++) {
      http.send(
          HttpRequest.newBuilder(origin.resolve("/v1/webhooks/" + id + "/test"))
              .header("Authorization", "Bearer " + token)
              .POST(HttpRequest.BodyPublishers.noBody())
              .build(),
          HttpResponse.BodyHandlers.discarding());
    }
  }
}
