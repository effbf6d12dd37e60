package io.naap.deploy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.naap.deploy.local.Api;
import io.naap.deploy.local.Platform;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * OpenAI's own client for Node works against the platform with nothing changed but its base URL and
 * key. Needs {@code node} and {@code npm}; the client's version is in {@code deploy/e2e/openai}.
 */
class OpenAiClientTest {
  private static final Path PROGRAM = Repository.ROOT.resolve("deploy/e2e/openai");
  private static JsonNode seen;

  @BeforeAll
  static void aProgramOfACustomers(@TempDir Path folder) throws Exception {
    Platform platform = Started.platform();
    Api api = new Api(platform.origin());
    Api.Session tenant = api.signIn(Wallets.random());
    Api.Session operator = api.signIn(platform.operator());
    api.credit(operator, tenant.tenantId(), "20.00", "openai-" + tenant.tenantId()).expect(201);
    String key = api.createKey(tenant, "{\"name\":\"openai\"}").path("key").asText();
    ImageIO.write(
        new BufferedImage(64, 48, BufferedImage.TYPE_INT_RGB),
        "png",
        folder.resolve("a.png").toFile());
    Files.write(folder.resolve("a.wav"), wav(2));
    if (!Files.isDirectory(PROGRAM.resolve("node_modules"))) {
      run(folder, Map.of(), "npm", "ci", "--no-audit", "--no-fund");
    }

    String printed =
        run(
            folder,
            Map.of("OPENAI_API_KEY", key),
            "node",
            "client.mjs",
            platform.origin() + "/v1",
            folder.toString());

    seen = new ObjectMapper().readTree(printed);
  }

  private static String run(Path folder, Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    Path out = folder.resolve("out");
    Path errors = folder.resolve("errors");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(PROGRAM.toFile())
            .redirectOutput(out.toFile())
            .redirectError(errors.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    if (!process.waitFor(120, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
    assertThat(process.waitFor()).as(Files.readString(errors)).isZero();
    return Files.readString(out);
  }

  private static byte[] wav(int seconds) {
    int bytes = seconds * 32_000;
    ByteBuffer file = ByteBuffer.allocate(44 + bytes).order(ByteOrder.LITTLE_ENDIAN);
    file.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(36 + bytes);
    file.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16);
    file.putShort((short) 1).putShort((short) 1).putInt(16_000).putInt(32_000);
    file.putShort((short) 2).putShort((short) 16);
    file.put("data".getBytes(StandardCharsets.US_ASCII)).putInt(bytes);
    return file.array();
  }

  @Test
  void listsModelsWithPricesAndHealth() {
    List<String> ids = new ArrayList<>();
    seen.path("models").forEach(model -> ids.add(model.path("id").asText()));

    assertThat(ids).contains("meta-llama/llama-3.1-8B-Instruct", "openai/whisper-large-v3");
    assertThat(seen.at("/models/0/pricing")).isNotEmpty();
    assertThat(seen.at("/models/0/health/status").asText()).isEqualTo("up");
  }

  @Test
  void chats() {
    assertThat(seen.at("/chat/object").asText()).isEqualTo("chat.completion");
    assertThat(seen.at("/chat/text").asText()).startsWith("token1 token2");
    assertThat(seen.at("/chat/reason").asText()).isEqualTo("stop");
    assertThat(seen.at("/chat/tokens").asInt()).isEqualTo(8);
  }

  @Test
  void chatsInAStream() {
    assertThat(seen.at("/stream/chunks").asInt()).isGreaterThanOrEqualTo(8);
    assertThat(seen.at("/stream/text").asText()).startsWith("token1 token2");
    assertThat(seen.at("/stream/reason").asText()).isEqualTo("stop");
    assertThat(seen.at("/stream/usage").asInt()).isZero();
    assertThat(seen.at("/helper/text").asText()).startsWith("token1 token2");
    assertThat(seen.at("/left/id").asText()).isNotEmpty();
  }

  @Test
  void tellsTheUsageOfAStreamOnceWhenAsked() {
    assertThat(seen.at("/counted/usage")).hasSize(1);
    assertThat(seen.at("/counted/usage/0/tokens").asInt()).isEqualTo(8);
    assertThat(seen.at("/counted/usage/0/choices").asInt()).isZero();
  }

  @Test
  void makesChangesAndVariesImages() {
    String origin = Started.platform().origin().toString();

    assertThat(seen.at("/images/count").asInt()).isEqualTo(2);
    assertThat(seen.at("/images/type").asText()).isEqualTo("image/png");
    assertThat(seen.at("/images/bytes").asInt()).isPositive();
    assertThat(seen.at("/edit/url").asText()).startsWith(origin + "/stream/");
    assertThat(seen.at("/variation/url").asText()).startsWith(origin + "/stream/");
  }

  @Test
  void hearsAndSpeaks() {
    assertThat(seen.at("/transcription/text").asText()).isEqualTo("silence");
    assertThat(seen.at("/speech/type").asText()).isEqualTo("audio/wav");
    assertThat(seen.at("/speech/begins").asText()).isEqualTo("RIFF");
  }

  @Test
  void refusesInTheClientsOwnTerms() {
    JsonNode errors = seen.path("errors");

    assertThat(errors.at("/model/name").asText()).isEqualTo("NotFoundError");
    assertThat(errors.at("/model/code").asText()).isEqualTo("unknown_model");
    assertThat(errors.at("/model/message").asText()).contains("meta-llama/llama-3.1-8B-Instruct");
    assertThat(errors.at("/model/request").asText()).startsWith("req_");
    assertThat(errors.at("/invalid/name").asText()).isEqualTo("UnprocessableEntityError");
    assertThat(errors.at("/key/name").asText()).isEqualTo("AuthenticationError");
    assertThat(errors.at("/key/type").asText()).isEqualTo("authentication_error");
  }
}
