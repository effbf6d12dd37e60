package io.naap.deploy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.naap.deploy.local.Api;
import io.naap.deploy.local.Platform;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A program that uses Livepeer's Python SDK needs nothing but its token: where the signer and the
 * discovery are, and with which headers, is in it. Needs {@code python3}.
 */
class LivepeerSdkTest {
  private static final Platform PLATFORM = Started.platform();
  private static final Path PROGRAM = Repository.ROOT.resolve("deploy/e2e/livepeer-sdk");

  @Test
  void theTokenOfTheCommandLinePaysAnOrchestratorFromTheTenantsCredit(@TempDir Path folder)
      throws Exception {
    Api api = new Api(PLATFORM.origin());
    Api.Session tenant = api.signIn(PLATFORM.demoWallet());
    Api.Session operator = new Api(PLATFORM.origin()).signIn(PLATFORM.operator());
    api.credit(operator, tenant.tenantId(), "5.00", "sdk-" + tenant.tenantId()).expect(201);
    BigDecimal before = balance(api, tenant);
    long accepted = accepted();
    // As a person gets it.
    String token =
        run(
                folder,
                Map.of("NAAP_BUILT", "1"),
                Repository.ROOT.resolve("naap").toString(),
                "token",
                "sdk",
                "--data",
                PLATFORM.data().toString())
            .strip();

    JsonNode seen =
        new ObjectMapper()
            .readTree(
                run(
                    folder,
                    Map.of("LIVEPEER_TOKEN", token),
                    "python3",
                    PROGRAM.resolve("client.py").toString(),
                    PLATFORM.simulatorControl().orElseThrow().toString()));

    assertThat(seen.path("orchestrators")).hasSize(1);
    assertThat(seen.path("sender").asText()).matches("0x[0-9a-fA-F]{40}");
    // A new session and one that goes on; where the credit is enough a cycle is skipped.
    assertThat(seen.path("payments").toString()).matches("\\[200,200(,(200|482)){3}]");
    assertThat(seen.path("without_headers").asInt()).isEqualTo(401);
    // The stand-in checks every ticket by the protocol's rules before it counts it.
    assertThat(accepted()).isGreaterThan(accepted);
    assertThat(balance(api, tenant)).isLessThan(before);
  }

  private static BigDecimal balance(Api api, Api.Session tenant) {
    return new BigDecimal(
        api.get("/v1/balance", tenant.accessToken())
            .expect(200)
            .json()
            .at("/available/amount")
            .asText());
  }

  private static long accepted() {
    return new Api(PLATFORM.simulatorControl().orElseThrow())
        .get("/state", null)
        .expect(200)
        .json()
        .at("/tickets/accepted")
        .asLong();
  }

  private static String run(Path folder, Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    Path errors = folder.resolve("errors");
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
    assertThat(process.waitFor()).as(Files.readString(errors)).isZero();
    return out;
  }
}
