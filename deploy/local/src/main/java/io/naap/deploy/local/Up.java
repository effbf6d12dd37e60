package io.naap.deploy.local;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** {@code ./naap up}: runs the platform until it is interrupted. */
final class Up {
  private static final String DEMO_CREDIT = "25.00";
  private static final long WATCH_MILLIS = 500;

  private Up() {}

  static int run(Path root, Options options) throws InterruptedException {
    long start = System.nanoTime();
    Progress progress = new Progress(System.out);
    CountDownLatch stopped = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  interrupted.countDown();
                  try {
                    stopped.await();
                  } catch (InterruptedException again) {
                    Thread.currentThread().interrupt();
                  }
                }));
    try (Platform platform = Platform.start(root, options, progress::step)) {
      progress.step("preparing the demonstration tenant");
      String key = demoKey(platform);
      Api.Session operator = new Api(platform.origin()).signIn(platform.operator());
      progress.step("ready after " + (System.nanoTime() - start) / 1_000_000_000 + " s");
      System.out.println(welcome(platform, operator.accessToken(), key));
      Supervisor supervisor = new Supervisor(progress::step);
      while (!interrupted.await(WATCH_MILLIS, java.util.concurrent.TimeUnit.MILLISECONDS)) {
        supervisor.look(platform.parts(), System.nanoTime());
      }
      System.out.println("stopping");
      return 0;
    } finally {
      stopped.countDown();
    }
  }

  /** The key of the demonstration tenant: made and credited once, then kept. */
  private static String demoKey(Platform platform) {
    return platform
        .secrets()
        .kept(
            "demo-api-key",
            () -> {
              Api api = new Api(platform.origin());
              Api.Session demo = api.signIn(platform.demoWallet());
              Api.Session operator = new Api(platform.origin()).signIn(platform.operator());
              api.credit(operator, demo.tenantId(), DEMO_CREDIT, "demo-credit").expect(201);
              JsonNode key =
                  api.createKey(
                      demo,
                      """
                      {"name":"demo","limits":{"requests_per_minute":120}}""");
              return key.path("key").asText();
            });
  }

  private static String welcome(Platform platform, String operatorToken, String key) {
    return """

      origin           %1$s
      operator token   %2$s
                       (10 minutes; ./naap token prints a new one)
      demo key         %3$s
      logs             %4$s

      Try it:
        curl -s %1$s/text-to-image -H 'Authorization: Bearer %3$s' -H 'Content-Type: application/json' -d '{"prompt":"a lighthouse at dusk","width":512,"height":512}'

      Ctrl-C stops everything; the data stays in %5$s.
    """
        .formatted(
            platform.origin(),
            operatorToken,
            key,
            platform.data().resolve("logs"),
            platform.data());
  }
}
