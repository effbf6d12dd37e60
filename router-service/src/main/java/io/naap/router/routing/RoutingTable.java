package io.naap.router.routing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.naap.contracts.problem.Refusal;
import io.naap.contracts.secret.Secret;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Predicate;
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

  private final List<Pool> pools;

  RoutingTable(List<Pool> pools) {
    this.pools = List.copyOf(pools);
  }

  /**
   * Reads and checks a table.
   *
   * @param inFlight the counter of a gateway by name, so that counts outlive a reload
   * @param environment the value of an environment variable, or null
   * @throws IllegalArgumentException saying what in the file to change
   */
  static RoutingTable read(
      String yaml, Function<String, AtomicInteger> inFlight, UnaryOperator<String> environment) {
    JsonNode root;
    try {
      root = new YAMLMapper().readTree(yaml);
    } catch (IOException unreadable) {
      throw new IllegalArgumentException("not YAML: " + unreadable.getMessage(), unreadable);
    }
    List<Pool> pools = new ArrayList<>();
    Set<String> names = new HashSet<>();
    only(root, "the table", Set.of("pools"));
    for (JsonNode pool : root.path("pools")) {
      pools.add(pool(pool, names, inFlight, environment));
    }
    if (pools.isEmpty()) {
      throw new IllegalArgumentException("pools must have at least one entry");
    }
    return new RoutingTable(pools);
  }

  private static Pool pool(
      JsonNode node,
      Set<String> names,
      Function<String, AtomicInteger> inFlight,
      UnaryOperator<String> environment) {
    only(node, "a pool", Set.of("name", "tier", "capabilities", "gateways"));
    String name = name(node, "name", "pool/", names);
    String tier = node.path("tier").asText("");
    if (!tier.matches(NAME)) {
      throw new IllegalArgumentException("pool " + name + ": tier must match " + NAME);
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
      gateways.add(gateway(gateway, names, inFlight, environment));
    }
    if (capabilities.isEmpty() || gateways.isEmpty()) {
      throw new IllegalArgumentException("pool " + name + ": needs capabilities and gateways");
    }
    return new Pool(name, tier, capabilities, gateways);
  }

  private static Gateway gateway(
      JsonNode node,
      Set<String> names,
      Function<String, AtomicInteger> inFlight,
      UnaryOperator<String> environment) {
    only(node, "a gateway", Set.of("name", "url", "hook_secret_file", "hook_secret_env", "weight"));
    String name = name(node, "name", "gateway/", names);
    URI url = URI.create(node.path("url").asText(""));
    if (!("http".equals(url.getScheme()) || "https".equals(url.getScheme()))
        || url.getHost() == null
        || !(url.getPath().isEmpty() || url.getPath().equals("/"))) {
      throw new IllegalArgumentException(
          "gateway " + name + ": url must be http(s)://host[:port] without a path");
    }
    int weight = node.path("weight").asInt(1);
    if (weight < 1 || weight > 1000) {
      throw new IllegalArgumentException("gateway " + name + ": weight must be 1 to 1000");
    }
    return new Gateway(
        name, url, hookSecret(node, name, environment), weight, inFlight.apply(name));
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

  /** The model to use when the client names none. */
  public String model(String capability, String tier, Optional<String> asked) {
    if (asked.isPresent()) {
      String model = asked.get();
      if (pools.stream().noneMatch(pool -> pool.serves(capability, model))) {
        throw unknown(capability, model);
      }
      return model;
    }
    return candidates(capability, tier, pool -> pool.capabilities().containsKey(capability))
        .getFirst()
        .capabilities()
        .get(capability)
        .getFirst();
  }

  /** The gateways that may do a job, best first. */
  public List<Route> routes(String capability, String model, String tier) {
    return candidates(capability, tier, pool -> pool.serves(capability, model)).stream()
        .flatMap(pool -> pool.gateways().stream().map(gateway -> new Route(pool, gateway)))
        .sorted(
            Comparator.comparingDouble(
                route -> (route.gateway().inFlight().get() + 1.0) / route.gateway().weight()))
        .toList();
  }

  /** The same gateway for the same name, on every router, as long as the table stays. */
  public List<Route> sticky(String capability, String model, String tier, String name) {
    return routes(capability, model, tier).stream()
        .sorted(Comparator.comparingInt(route -> score(route.gateway().name() + '/' + name)))
        .toList();
  }

  private static int score(String text) {
    int mixed = text.hashCode() * 0x9E3779B1;
    return mixed ^ (mixed >>> 15);
  }

  private List<Pool> candidates(String capability, String tier, Predicate<Pool> serves) {
    if (pools.stream().noneMatch(pool -> pool.capabilities().containsKey(capability))) {
      throw unknown(capability, null);
    }
    List<Pool> found =
        pools.stream().filter(pool -> pool.tier().equals(tier)).filter(serves).toList();
    if (found.isEmpty()) {
      throw Refusal.of(
              404,
              "not_in_tier",
              "The tier \"" + tier + "\" has no gateway for " + capability + " with this model.")
          .raise();
    }
    return found;
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
    int shared = 0;
    for (int at = 0; at + 3 <= Math.min(asked.length(), 80); at++) {
      if (name.contains(asked.substring(at, at + 3))) {
        shared++;
      }
    }
    return shared;
  }

  public Optional<Gateway> gateway(String name) {
    return gateways().stream().filter(gateway -> gateway.name().equals(name)).findFirst();
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
