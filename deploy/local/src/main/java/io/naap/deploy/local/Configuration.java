package io.naap.deploy.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes what each service is told: a properties file that only its owner may read. */
final class Configuration {
  private static final String SIMULATED_CONTROLLER = "0x00000000000000000000000000000000000c0117";
  private static final String ARBITRUM_CONTROLLER = "0xD8E8328501E9645d16Cf49539efC04f734606ee4";

  private final Options options;
  private final Secrets secrets;
  private final PostgresStore postgres;
  private final RedisStore redis;

  Configuration(Options options, Secrets secrets, PostgresStore postgres, RedisStore redis) {
    this.options = options;
    this.secrets = secrets;
    this.postgres = postgres;
    this.redis = redis;
  }

  /** Writes the file of a service and returns where it is. */
  Path write(Service service) {
    Map<String, String> lines = new TreeMap<>(common(service));
    switch (service) {
      case AUTH -> lines.putAll(auth());
      case KEYS -> {
        lines.put("naap.keys.pepper", secrets.key("keys-pepper"));
        lines.put("quarkus.rest-client.metering.url", url(Service.METERING));
      }
      case METERING -> {
        lines.put("naap.metering.usage-shards", "1");
        lines.put(
            "naap.metering.webhook.key-encryption-secret",
            secrets.key("metering-webhook-key-encryption"));
        // Who tries the platform has their webhooks on the same machine, and waits.
        lines.put("naap.metering.webhook.allow-private-targets", "true");
        lines.put("naap.metering.invoice.every", "5s");
      }
      case ROUTER -> lines.putAll(router());
      case CLEARINGHOUSE -> lines.putAll(clearinghouse());
    }
    StringBuilder text = new StringBuilder();
    lines.forEach((name, value) -> text.append(name).append('=').append(value).append('\n'));
    Path file = options.data().resolve("config").resolve(service.folder() + ".properties");
    try {
      Secrets.write(file, text.toString());
      return file;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private Map<String, String> common(Service service) {
    Ports ports = options.ports();
    Map<String, String> lines = new TreeMap<>();
    lines.put("quarkus.http.host", "127.0.0.1");
    lines.put("quarkus.http.port", String.valueOf(ports.http(service)));
    lines.put("quarkus.management.host", "127.0.0.1");
    lines.put("quarkus.management.port", String.valueOf(ports.management(service)));
    lines.put("quarkus.redis.hosts", redis.url());
    lines.put("naap.issuer", issuer());
    lines.put("naap.auth-url", url(Service.AUTH));
    if (service.hasDatabase()) {
      String name = database(service);
      String password = secrets.token("database-" + service.shortName());
      postgres.prepare(name, password);
      String address = postgres.address() + "/" + name;
      lines.put("quarkus.datasource.reactive.url", "postgresql://" + address);
      lines.put("quarkus.datasource.jdbc.url", "jdbc:postgresql://" + address);
      lines.put("quarkus.datasource.username", name);
      lines.put("quarkus.datasource.password", password);
    }
    return lines;
  }

  private Map<String, String> auth() {
    Map<String, String> lines = new TreeMap<>();
    lines.put("naap.auth.service-clients.router", secrets.token("service-router"));
    lines.put("naap.auth.operator-wallets", operator().address());
    lines.put("quarkus.rest-client.keys.url", url(Service.KEYS));
    lines.put("naap.auth.siwe.domain", "localhost:" + options.ports().origin());
    lines.put("naap.auth.siwe.chain-ids", "1,42161,31337");
    // A real chain is Arbitrum's: its contract wallets can sign in.
    options.chain().ifPresent(url -> lines.put("naap.auth.siwe.rpc.42161", url.toString()));
    lines.put("naap.auth.key-encryption-secret", secrets.key("auth-key-encryption"));
    return lines;
  }

  private Map<String, String> router() {
    // The one service that calls others, with a token of its own.
    Map<String, String> lines = new TreeMap<>();
    lines.put("quarkus.oidc-client.client-id", Service.ROUTER.shortName());
    lines.put(
        "quarkus.oidc-client.credentials.client-secret.value", secrets.token("service-router"));
    for (Service other : List.of(Service.KEYS, Service.METERING, Service.CLEARINGHOUSE)) {
      lines.put("quarkus.rest-client." + other.shortName() + ".url", url(other));
    }
    lines.putAll(routing());
    // Somebody waits in front of a terminal.
    lines.put("quarkus.shutdown.timeout", "8s");
    return lines;
  }

  private Map<String, String> routing() {
    return Map.of(
        "naap.router.routing-table", routingTable().toString(),
        "naap.router.spool-directory", options.data().resolve("spool").toString(),
        "naap.router.instance", "router-1",
        "naap.router.usage-shards", "1",
        "naap.router.public-url", issuer());
  }

  private Map<String, String> clearinghouse() {
    Ports ports = options.ports();
    Map<String, String> lines = new TreeMap<>();
    lines.put("naap.clearinghouse.signer.public-url", "http://127.0.0.1:" + ports.signer());
    lines.put(
        "naap.clearinghouse.signer.tiers.standard.orchestrators.local.url",
        "https://127.0.0.1:" + ports.gateway());
    lines.putAll(
        Map.of(
            "naap.clearinghouse.signer.host", "127.0.0.1",
            "naap.clearinghouse.signer.port", String.valueOf(ports.signer()),
            "naap.clearinghouse.signer.callers.gateway-1.token", secrets.token("signer-gateway-1"),
            "naap.clearinghouse.signer.callers.gateway-1.gateway", "gateway-1",
            "naap.clearinghouse.wallet.keystore", keystore().toString(),
            "naap.clearinghouse.wallet.password-file", secrets.file("wallet-password").toString(),
            "naap.clearinghouse.chain.url",
                options
                    .chain()
                    .map(Object::toString)
                    .orElse("http://127.0.0.1:" + ports.control() + "/"),
            "naap.clearinghouse.chain.controller",
                options.chain().isPresent() ? ARBITRUM_CONTROLLER : SIMULATED_CONTROLLER,
            "naap.clearinghouse.price.eth-usd", "3000"));
    return lines;
  }

  /** Who runs the platform; its key is made once and kept. */
  Wallet operator() {
    return Wallet.of(secrets.hex("operator-wallet"));
  }

  String issuer() {
    return "http://localhost:" + options.ports().origin();
  }

  /** The address at which a gateway calls the router's hooks. */
  String hookUrl(String hook) {
    return url(Service.ROUTER) + "/hooks/gateways/" + secrets.token("hook-gateway-1") + "/" + hook;
  }

  private String url(Service service) {
    return "http://127.0.0.1:" + options.ports().http(service);
  }

  private static String database(Service service) {
    return "naap_" + service.shortName();
  }

  private Path routingTable() {
    secrets.token("hook-gateway-1");
    String gateway =
        options
            .gateway()
            .map(Object::toString)
            .orElse("http://127.0.0.1:" + options.ports().gateway());
    String table =
        """
        pools:
          - name: standard
            tier: standard
            capabilities:
              text-to-image: [stabilityai/sdxl-turbo]
              image-to-image: [stabilityai/sdxl-turbo]
              image-to-video: [stabilityai/stable-video-diffusion-img2vid-xt]
              upscale: [stabilityai/stable-diffusion-x4-upscaler]
              audio-to-text: [openai/whisper-large-v3]
              llm: [meta-llama/llama-3.1-8B-Instruct]
              segment-anything-2: [facebook/sam2-hiera-large]
              image-to-text: [Salesforce/blip-image-captioning-large]
              text-to-speech: [parler-tts/parler-tts-large-v1]
              live-video-to-video: [streamdiffusion]
              transcoding: [h264]
              byoc: ["*"]
            gateways:
              - name: gateway-1
                url: %s
                hook_secret_file: %s
                weight: 1
        %s"""
            .formatted(gateway, secrets.file("hook-gateway-1"), simulatedCli());
    Path file = options.data().resolve("config").resolve("routing.yaml");
    try {
      // Never half a table: the router watches this file.
      Files.createDirectories(file.getParent());
      Path next = file.resolveSibling("routing.yaml.next");
      Files.writeString(next, table);
      Files.move(next, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      return file;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /**
   * The simulator says what its orchestrators can do; of a real gateway we know no such address.
   */
  private String simulatedCli() {
    return options.gateway().isPresent()
        ? ""
        : "        cli_url: http://127.0.0.1:" + options.ports().control() + "\n";
  }

  /** The hot wallet, as a V3 keystore like a production one. */
  private Path keystore() {
    Path file = options.data().resolve("config").resolve("wallet.json");
    String password = secrets.token("wallet-password");
    if (Files.exists(file)) {
      return file;
    }
    byte[] key = new byte[32];
    SecureRandom random = new SecureRandom();
    random.nextBytes(key);
    try {
      Secrets.write(file, Keystore.encrypt(HexFormat.of().formatHex(key), password, random));
      return file;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}
