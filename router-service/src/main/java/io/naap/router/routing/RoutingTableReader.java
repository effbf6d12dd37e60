package io.naap.router.routing;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.secret.Secret;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Reads and checks the routing file, once. An {@link IllegalArgumentException} says what in the
 * file the operator must change.
 */
final class RoutingTableReader {
  private static final String NAME = "[a-z0-9][a-z0-9-]{0,62}";
  private static final String ORCHESTRATOR = "https?://[A-Za-z0-9.:\\[\\]-]{1,250}";
  private static final int MOST_IMAGES = 20;
  private static final Set<String> CAPABILITIES =
      Set.of(
          "text-to-image",
          "image-to-image",
          "image-to-video",
          "upscale",
          "audio-to-text",
          "llm",
          "segment-anything-2",
          "image-to-text",
          "text-to-speech",
          "live-video-to-video",
          "transcoding",
          "byoc");
  private static final Set<String> POOL_FIELDS =
      Set.of(
          "name",
          "tier",
          "region",
          "capabilities",
          "gateways",
          "orchestrators",
          "price_ceilings",
          "images_per_job");
  private static final Set<String> GATEWAY_FIELDS =
      Set.of("name", "url", "cli_url", "hook_secret_file", "hook_secret_env", "weight");

  private final Function<String, GatewayState> state;
  private final UnaryOperator<String> environment;
  private final String region;

  /** Names of pools and gateways, and hook secrets, that the file has so far. */
  private final Set<String> names = new HashSet<>();

  /**
   * @param state of a gateway by name, which outlives a reload
   * @param environment gives the value of an environment variable, or null
   * @param region this router's own, or empty
   */
  RoutingTableReader(
      Function<String, GatewayState> state, UnaryOperator<String> environment, String region) {
    this.state = state;
    this.environment = environment;
    this.region = region;
  }

  RoutingTable read(String yaml) {
    JsonNode root;
    try {
      root =
          YAMLMapper.builder()
              .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
              .build()
              .readTree(yaml);
    } catch (IOException unreadable) {
      throw new IllegalArgumentException("not YAML: " + unreadable.getMessage(), unreadable);
    }
    only(root, "the table", Set.of("pools", "tiers", "affinities"));
    List<Pool> pools = new ArrayList<>();
    root.path("pools").forEach(pool -> pools.add(pool(pool)));
    if (pools.isEmpty()) {
      throw new IllegalArgumentException("pools must have at least one entry");
    }
    return new RoutingTable(pools, tiers(root.path("tiers")), affinities(root), region);
  }

  private static List<String> tiers(JsonNode node) {
    List<String> tiers = new ArrayList<>();
    for (JsonNode tier : node) {
      if (!tier.asText().matches(NAME) || tiers.contains(tier.asText())) {
        throw new IllegalArgumentException("tiers: each must match " + NAME + " and be there once");
      }
      tiers.add(tier.asText());
    }
    return tiers;
  }

  private static Map<String, Affinity> affinities(JsonNode root) {
    Map<String, Affinity> affinities = new HashMap<>();
    for (Map.Entry<String, JsonNode> entry : root.path("affinities").properties()) {
      String tenant = entry.getKey();
      only(entry.getValue(), "affinity " + tenant, Set.of("orchestrator", "include", "exclude"));
      if (!IdKind.TENANT.matches(tenant)) {
        throw new IllegalArgumentException("affinities: " + tenant + " is not a tenant, ten_...");
      }
      String part = entry.getValue().path("orchestrator").asText("");
      if (!part.matches("[A-Za-z0-9.:/_-]{0,250}")) {
        throw new IllegalArgumentException(
            "affinity " + tenant + ": orchestrator must be a part of an address");
      }
      affinities.put(
          tenant,
          new Affinity(
              Optional.of(part).filter(text -> !text.isEmpty()),
              addresses(entry.getValue().path("include"), "affinity " + tenant),
              addresses(entry.getValue().path("exclude"), "affinity " + tenant)));
    }
    return affinities;
  }

  private static List<String> addresses(JsonNode node, String of) {
    List<String> addresses = new ArrayList<>();
    for (JsonNode address : node) {
      if (!address.asText().matches(ORCHESTRATOR)) {
        throw new IllegalArgumentException(
            of + ": orchestrators are written https://host:port without a path");
      }
      addresses.add(address.asText());
    }
    return addresses;
  }

  private Pool pool(JsonNode node) {
    only(node, "a pool", POOL_FIELDS);
    String name = name(node, "pool/");
    String tier = node.path("tier").asText("");
    if (!tier.matches(NAME)) {
      throw new IllegalArgumentException("pool " + name + ": tier must match " + NAME);
    }
    String where = node.path("region").asText("");
    if (!where.isEmpty() && !where.matches(NAME)) {
      throw new IllegalArgumentException("pool " + name + ": region must match " + NAME);
    }
    Map<String, List<String>> capabilities = capabilities(node, name);
    List<Gateway> gateways = new ArrayList<>();
    node.path("gateways").forEach(gateway -> gateways.add(gateway(gateway)));
    if (capabilities.isEmpty() || gateways.isEmpty()) {
      throw new IllegalArgumentException("pool " + name + ": needs capabilities and gateways");
    }
    PriceCeilings ceilings = PriceCeilings.read(node.path("price_ceilings"), name);
    for (String priced : ceilings.byCapability().keySet()) {
      if (!capabilities.containsKey(priced)) {
        throw new IllegalArgumentException(
            "pool " + name + ": price_ceilings of " + priced + ", which the pool does not have");
      }
    }
    return new Pool(
        name,
        tier,
        where,
        capabilities,
        gateways,
        addresses(node.path("orchestrators"), "pool " + name),
        ceilings,
        imagesPerJob(node.path("images_per_job"), name));
  }

  private static Map<String, List<String>> capabilities(JsonNode pool, String name) {
    Map<String, List<String>> capabilities = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : pool.path("capabilities").properties()) {
      if (!CAPABILITIES.contains(entry.getKey())) {
        throw new IllegalArgumentException(
            "pool " + name + ": unknown capability " + entry.getKey());
      }
      List<String> models = new ArrayList<>();
      entry.getValue().forEach(model -> models.add(model.asText()));
      if (models.isEmpty() || models.stream().anyMatch(String::isBlank)) {
        throw new IllegalArgumentException(
            "pool " + name + ": " + entry.getKey() + " must list its models");
      }
      capabilities.put(entry.getKey(), models);
    }
    return capabilities;
  }

  private static int imagesPerJob(JsonNode node, String pool) {
    if (node.isMissingNode()) {
      return Pool.USUAL_IMAGES;
    }
    if (!node.isInt() || node.intValue() < 1 || node.intValue() > MOST_IMAGES) {
      throw new IllegalArgumentException(
          "pool " + pool + ": images_per_job must be 1 to " + MOST_IMAGES);
    }
    return node.intValue();
  }

  private Gateway gateway(JsonNode node) {
    only(node, "a gateway", GATEWAY_FIELDS);
    String name = name(node, "gateway/");
    URI url = address(node, "url", name);
    Optional<URI> cli =
        node.has("cli_url") ? Optional.of(address(node, "cli_url", name)) : Optional.empty();
    Optional<Secret> secret = hookSecret(node, name);
    if (secret.isPresent() && !names.add("secret/" + secret.get().reveal())) {
      throw new IllegalArgumentException(
          "gateway " + name + ": another gateway has the same hook secret");
    }
    int weight = node.path("weight").asInt(1);
    if (weight < 1 || weight > 1000) {
      throw new IllegalArgumentException("gateway " + name + ": weight must be 1 to 1000");
    }
    return new Gateway(name, url, secret, cli, weight, state.apply(name));
  }

  private static URI address(JsonNode node, String field, String gateway) {
    URI url = URI.create(node.path(field).asText(""));
    if (!("http".equals(url.getScheme()) || "https".equals(url.getScheme()))
        || url.getHost() == null
        || url.getPort() > 65_535
        || !(url.getPath().isEmpty() || url.getPath().equals("/"))) {
      throw new IllegalArgumentException(
          "gateway " + gateway + ": " + field + " must be http(s)://host[:port] without a path");
    }
    return url;
  }

  private Optional<Secret> hookSecret(JsonNode node, String name) {
    String text = null;
    if (node.has("hook_secret_file")) {
      try {
        text = Files.readString(Path.of(node.get("hook_secret_file").asText())).strip();
      } catch (IOException unreadable) {
        throw new IllegalArgumentException(
            "gateway " + name + ": hook_secret_file cannot be read", unreadable);
      }
    } else if (node.has("hook_secret_env")) {
      text = environment.apply(node.get("hook_secret_env").asText());
    } else {
      return Optional.empty();
    }
    if (text == null || !text.matches("[A-Za-z0-9_-]{16,128}")) {
      throw new IllegalArgumentException(
          "gateway " + name + ": the hook secret must be 16 to 128 letters, digits, _ or -");
    }
    return Optional.of(Secret.of(text));
  }

  private String name(JsonNode node, String kind) {
    String name = node.path("name").asText("");
    if (!name.matches(NAME)) {
      throw new IllegalArgumentException(kind + "name \"" + name + "\" must match " + NAME);
    }
    if (!names.add(kind + name)) {
      throw new IllegalArgumentException(kind + name + " is there twice");
    }
    return name;
  }

  private static void only(JsonNode node, String what, Set<String> fields) {
    if (!node.isObject()) {
      throw new IllegalArgumentException(what + " must be a map");
    }
    node.fieldNames()
        .forEachRemaining(
            field -> {
              if (!fields.contains(field)) {
                throw new IllegalArgumentException(what + " has an unknown field " + field);
              }
            });
  }
}
