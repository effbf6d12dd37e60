package io.naap.deploy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.deploy.local.Api;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadmeTest {
  /** The lines of the README, in the shell; only {@code ./naap token} is told where to look. */
  @Test
  void tellsATourThatWorks(@TempDir Path folder) throws IOException, InterruptedException {
    String readme = Files.readString(Repository.ROOT.resolve("README.md"));
    String tour = readme.substring(readme.indexOf("```sh tour\n") + 11);
    tour = tour.substring(0, tour.indexOf("\n```"));
    Path script = folder.resolve("tour.sh");
    Files.writeString(
        script, tour.replaceAll("\\./naap token (\\w+)", "./naap token $1 --data \"\\$DATA\""));
    ProcessBuilder shell = new ProcessBuilder("bash", "-eux", script.toString());
    shell.directory(Repository.ROOT.toFile()).redirectErrorStream(true);
    shell.environment().put("ORIGIN", Started.platform().origin().toString());
    shell.environment().put("NAAP_BUILT", "1");
    shell.environment().put("DATA", Started.platform().data().toString());
    // The demo tenant is made by `./naap up`; here, by a first sign-in.
    new Api(Started.platform().origin()).signIn(Started.platform().demoWallet());

    Process process = shell.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
    assertThat(output).contains("x-naap-cost", "data: [DONE]", "\"margin\"");
  }
}
