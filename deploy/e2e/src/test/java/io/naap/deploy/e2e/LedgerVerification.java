package io.naap.deploy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.deploy.local.Platform;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * {@code ./naap verify ledger} over a platform that runs, as a person calls it.
 *
 * @param status its exit status
 * @param output all it said
 */
record LedgerVerification(int status, String output) {
  static LedgerVerification of(Platform platform) throws IOException, InterruptedException {
    ProcessBuilder command =
        new ProcessBuilder(
            Repository.ROOT.resolve("naap").toString(),
            "verify",
            "ledger",
            "--data",
            platform.data().toString());
    command.environment().put("NAAP_BUILT", "1");
    Process process = command.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new LedgerVerification(process.exitValue(), output);
  }
}
