package io.naap.deploy.e2e;

import io.naap.deploy.local.Platform;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The one platform that all tests of a run share; it ends with the tests. */
final class Started {
  private static final Platform PLATFORM = start();

  private Started() {}

  static Platform platform() {
    return PLATFORM;
  }

  private static Platform start() {
    try {
      Path data = Files.createTempDirectory("naap-e2e");
      Platform platform =
          Platform.start(
              Repository.ROOT,
              step -> System.out.println("platform: " + step),
              "--data",
              data.toString(),
              "--port-base",
              String.valueOf(Platform.freePortBase()));
      Runtime.getRuntime().addShutdownHook(new Thread(platform::close));
      return platform;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(interrupted);
    }
  }
}
