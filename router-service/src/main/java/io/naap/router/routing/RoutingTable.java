package io.naap.router.routing;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.problem.Refusal;
import io.naap.contracts.secret.Secret;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Pools and their gateways: one immutable state of the routing file. */
public final class RoutingTable {
  private static final String NAME = "[a-z0-9][a-z0-9-]{0,62}";
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

  /** Letters of a model's name: it is in every record of its jobs. */
  private static final int MOST_NAME = 200;

  private static final int MOST_IMAGES = 20;

  private static final String ORCHESTRATOR = "https?://[A-Za-z0-9.:\\[\\]-]{1,250}";

  private final List<Pool> pools;
  private final List<String> tiers;
  private final Map<String, Affinity> affinities;

  /** By tier and capability. */
  private final Map<String, Map<String, Offers>> offers;

  private final Map<String, Gateway> gateways;

  RoutingTable(
      List<Pool> pools, List<String> tiers, Map<String, Affinity> affinities, String region) {
    this.pools = List.copyOf(pools);
    this.tiers = List.copyOf(tiers);
    this.affinities = Map.copyOf(affinities);
    this.offers = offers(this.pools, region);
    Map<String, Gateway> byName = new HashMap<>();
    pools.forEach(pool -> pool.gateways().forEach(one -> byName.put(one.name(), one)));
    this.gateways = Map.copyOf(byName);
  }

  private static Map<String, Map<String, Offers>> offers(List<Pool> pools, String region) {
    Map<String, Map<String, List<Pool>>> serving = new HashMap<>();
    for (Pool pool : pools) {
      for (String capability : pool.capabilities().keySet()) {
        serving
            .computeIfAbsent(pool.tier(), fresh -> new HashMap<>())
            .computeIfAbsent(capability, fresh -> new ArrayList<>())
            .add(pool);
      }
    }
    Map<String, Map<String, Offers>> offers = new HashMap<>();
    serving.forEach(
        (tier, byCapability) -> {
          Map<String, Offers> ofTier = new HashMap<>();
          byCapability.forEach(
              (capability, of) -> ofTier.put(capability, Offers.of(capability, of, region)));
          offers.put(tier, ofTier);
        });
    return offers;
  }

  /**
   * Reads and checks a table.
   *
   * @param state of a gateway by name, so that it outlives a reload
   * @param environment the value of an environment variable, or null
   * @param region this router's own, or empty
   * @throws IllegalArgumentException saying what in the file to change
   */
  static RoutingTable read(
      String yaml,
      Function<String, GatewayState> state,
      UnaryOperator<String> environment,
      String region) {
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
    List<Pool> pools = new ArrayList<>();
    Set<String> names = new HashSet<>();
    only(root, "the table", Set.of("pools", "tiers", "affinities"));
    for (JsonNode pool : root.path("pools")) {
      pools.add(pool(pool, names, state, environment));
    }
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

  private static Pool pool(
      JsonNode node,
      Set<String> names,
      Function<String, GatewayState> state,
      UnaryOperator<String> environment) {
    only(
        node,
        "a pool",
        Set.of(
            "name",
            "tier",
            "region",
            "capabilities",
            "gateways",
            "orchestrators",
            "price_ceilings",
            "images_per_job"));
    String name = name(node, "name", "pool/", names);
    String tier = node.path("tier").asText("");
    if (!tier.matches(NAME)) {
      throw new IllegalArgumentException("pool " + name + ": tier must match " + NAME);
    }
    String region = node.path("region").asText("");
    if (!region.isEmpty() && !region.matches(NAME)) {
      throw new IllegalArgumentException("pool " + name + ": region must match " + NAME);
    }
    Map<String, List<String>> capabilities = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : node.path("capabilities").properties()) {
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
    List<Gateway> gateways = new ArrayList<>();
    for (JsonNode gateway : node.path("gateways")) {
      gateways.add(gateway(gateway, names, state, environment));
    }
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
        region,
        capabilities,
        gateways,
        addresses(node.path("orchestrators"), "pool " + name),
        ceilings,
        imagesPerJob(node.path("images_per_job"), name));
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

  private static Gateway gateway(
      JsonNode node,
      Set<String> names,
      Function<String, GatewayState> state,
      UnaryOperator<String> environment) {
    only(
        node,
        "a gateway",
        Set.of("name", "url", "cli_url", "hook_secret_file", "hook_secret_env", "weight"));
    String name = name(node, "name", "gateway/", names);
    URI url = address(node, "url", name);
    Optional<URI> cli =
        node.has("cli_url") ? Optional.of(address(node, "cli_url", name)) : Optional.empty();
    Optional<Secret> secret = hookSecret(node, name, environment);
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

  private static Optional<Secret> hookSecret(
      JsonNode node, String name, UnaryOperator<String> environment) {
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

  private static String name(JsonNode node, String field, String kind, Set<String> names) {
    String name = node.path(field).asText("");
    if (!name.matches(NAME)) {
      throw new IllegalArgumentException(kind + field + " \"" + name + "\" must match " + NAME);
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

  /** The model to use: the one asked for, if the tier has it, else the tier's first. */
  public String model(String capability, String tier, Optional<String> asked) {
    Offers there = offers(capability, tier);
    if (asked.isEmpty()) {
      if (there.defaultModel().equals("*")) {
        throw Refusal.invalid("Name the model; " + capability + " has no default here.").raise();
      }
      return there.defaultModel();
    }
    if (asked.get().length() > MOST_NAME) {
      throw unknown(capability, asked.get());
    }
    if (there.all(asked.get()).isEmpty()) {
      throw elsewhere(capability, asked.get(), tier);
    }
    return asked.get();
  }

  /**
   * The gateways that may do a job, best first; at most three.
   *
   * @param nanos {@link System#nanoTime}
   */
  public List<Route> routes(String capability, String model, String tier, long nanos) {
    return offers(capability, tier).best(model, nanos);
  }

  /**
   * The same gateway first for the same name, on every router; a changed table moves only the names
   * of what it takes away, or gives.
   */
  public List<Route> sticky(String capability, String model, String tier, String name, long nanos) {
    return offers(capability, tier).sticky(model, name, nanos);
  }

  private Offers offers(String capability, String tier) {
    Offers there = offers.getOrDefault(tier, Map.of()).get(capability);
    if (there == null) {
      if (pools.stream().noneMatch(pool -> pool.capabilities().containsKey(capability))) {
        throw unknown(capability, null);
      }
      throw Refusal.of(
              404,
              "not_in_tier",
              "The tier \"" + tier + "\" has no gateway for " + capability + ".")
          .raise();
    }
    return there;
  }

  /** Every tier's gateways that can do a job; for what is not routed, such as a list. */
  public List<Route> all(String capability, String model, String tier) {
    Offers there = offers.getOrDefault(tier, Map.of()).get(capability);
    return there == null ? List.of() : there.all(model);
  }

  private Refusal.RefusedException elsewhere(String capability, String model, String tier) {
    if (pools.stream().noneMatch(pool -> pool.serves(capability, model))) {
      return unknown(capability, model);
    }
    Set<String> there = new LinkedHashSet<>();
    pools.stream()
        .filter(pool -> pool.tier().equals(tier))
        .forEach(pool -> there.addAll(pool.capabilities().getOrDefault(capability, List.of())));
    return Refusal.of(
            404,
            "not_in_tier",
            "The tier \""
                + tier
                + "\" does not have this model for "
                + capability
                + "; it has: "
                + closest(model, there))
        .raise();
  }

  private Refusal.RefusedException unknown(String capability, String model) {
    Set<String> there = new LinkedHashSet<>();
    pools.forEach(
        pool ->
            there.addAll(
                model == null
                    ? pool.capabilities().keySet()
                    : pool.capabilities().getOrDefault(capability, List.of())));
    return Refusal.of(
            404,
            model == null ? "unknown_capability" : "unknown_model",
            model == null
                ? "There is no capability \""
                    + capability
                    + "\" here; there are: "
                    + closest(capability, there)
                : "There is no model \""
                    + abbreviated(model)
                    + "\" for "
                    + capability
                    + "; there are: "
                    + closest(model, there))
        .raise();
  }

  private static String abbreviated(String text) {
    return text.length() > 80 ? text.substring(0, 80) + "..." : text;
  }

  /** Up to five names, the most alike first. */
  private static String closest(String asked, Set<String> there) {
    return String.join(
        ", ",
        there.stream()
            .filter(name -> !name.equals("*"))
            .sorted(Comparator.comparingInt(name -> -alike(asked, name)))
            .limit(5)
            .toList());
  }

  private static int alike(String asked, String name) {
    String wish = asked.substring(0, Math.min(asked.length(), 80)).toLowerCase(Locale.ROOT);
    String there = name.toLowerCase(Locale.ROOT);
    int shared = 0;
    for (int at = 0; at + 3 <= wish.length(); at++) {
      if (there.contains(wish.substring(at, at + 3))) {
        shared++;
      }
    }
    return shared;
  }

  public Optional<Gateway> gateway(String name) {
    return Optional.ofNullable(name == null ? null : gateways.get(name));
  }

  /** How many tiers are worth more than this one, when jobs must be shed. */
  public int tiersAbove(String tier) {
    return tiers.isEmpty() ? 0 : tiers.size() - 1 - Math.max(0, tiers.indexOf(tier));
  }

  /** What a tenant's jobs ask go-livepeer for. */
  public Affinity affinity(String tenantId) {
    return affinities.getOrDefault(tenantId, Affinity.NONE);
  }

  /** The gateway that knows a hook secret. */
  public Optional<Route> ofHookSecret(String presented) {
    return pools.stream()
        .flatMap(pool -> pool.gateways().stream().map(gateway -> new Route(pool, gateway)))
        .filter(
            route ->
                route.gateway().hookSecret().map(secret -> secret.matches(presented)).orElse(false))
        .findFirst();
  }

  public List<Gateway> gateways() {
    return pools.stream().flatMap(pool -> pool.gateways().stream()).toList();
  }

  public List<Pool> pools() {
    return pools;
  }
}
