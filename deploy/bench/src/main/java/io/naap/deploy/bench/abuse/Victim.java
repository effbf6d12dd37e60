package io.naap.deploy.bench.abuse;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A tenant with steady traffic: requests begin at fixed moments whatever the answers do, and an
 * answer's time counts from the moment at which its request should have begun.
 */
final class Victim {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private final List<HttpRequest> requests;
  private final int perSecond;

  /** What the traffic of a while came to. */
  record Seen(long p99Nanos, int sent, int serverErrors, int others) {}

  Victim(List<HttpRequest> requests, int perSecond) {
    this.requests = requests;
    this.perSecond = perSecond;
  }

  static HttpRequest get(URI origin, String path, String bearer) {
    return HttpRequest.newBuilder(origin.resolve(path))
        .timeout(PATIENCE)
        .header("Authorization", "Bearer " + bearer)
        .build();
  }

  static HttpRequest post(URI origin, String path, String bearer, String json) {
    return HttpRequest.newBuilder(origin.resolve(path))
        .timeout(PATIENCE)
        .header("Authorization", "Bearer " + bearer)
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(json))
        .build();
  }

  /** Sends for so long, and waits for the last answer. */
  Seen run(Duration length) throws InterruptedException {
    int count = (int) (length.toSeconds() * perSecond);
    ConcurrentLinkedQueue<Long> nanos = new ConcurrentLinkedQueue<>();
    AtomicInteger serverErrors = new AtomicInteger();
    AtomicInteger others = new AtomicInteger();
    CountDownLatch ended = new CountDownLatch(count);
    long begin = System.nanoTime();
    for (int at = 0; at < count; at++) {
      long due = begin + at * TimeUnit.SECONDS.toNanos(1) / perSecond;
      long wait = due - System.nanoTime();
      if (wait > 0) {
        TimeUnit.NANOSECONDS.sleep(wait);
      }
      var unused =
          http.sendAsync(requests.get(at % requests.size()), HttpResponse.BodyHandlers.discarding())
              .whenComplete(
                  (answer, failure) -> {
                    nanos.add(System.nanoTime() - due);
                    if (failure != null || answer.statusCode() >= 500) {
                      serverErrors.incrementAndGet();
                    } else if (answer.statusCode() >= 400) {
                      others.incrementAndGet();
                    }
                    ended.countDown();
                  });
    }
    ended.await();
    long[] sorted = nanos.stream().mapToLong(Long::longValue).toArray();
    Arrays.sort(sorted);
    return new Seen(
        sorted[Math.max(0, Math.ceilDiv(sorted.length * 99, 100) - 1)],
        count,
        serverErrors.get(),
        others.get());
  }
}
