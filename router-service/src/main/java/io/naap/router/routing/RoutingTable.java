package io.naap.router.routing;

import io.naap.contracts.problem.Refusal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which gateways may do which jobs, as one version of the routing file says. Immutable. */
public final class RoutingTable {
  /** The most letters of a model's name: it is in every record of its jobs. */
  private static final int MOST_NAME = 200;

  private final List<Pool> pools;
  private final List<String> tiers;
  private final Map<String, Affinity> affinities;

  /** By tier and capability. */
  private final Map<String, Map<String, Offers>> offers;

  private final Map<String, Gateway> gateways;
  private final UnknownNames unknown;

  RoutingTable(
      List<Pool> pools, List<String> tiers, Map<String, Affinity> affinities, String region) {
    this.pools = List.copyOf(pools);
    this.tiers = List.copyOf(tiers);
    this.affinities = Map.copyOf(affinities);
    this.unknown = new UnknownNames(this.pools);
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

  /** The model that a job is done with, or why there is none. */
  public sealed interface Choice {
    record Model(String name) implements Choice {}

    record Refused(Refusal refusal) implements Choice {}
  }

  /** The model that is asked for, if the tier has it; else the tier's first. */
  public Choice model(String capability, String tier, Optional<String> asked) {
    Offers there = offers(capability, tier);
    if (there == null) {
      return new Choice.Refused(unknown.capability(capability, tier));
    }
    if (asked.isEmpty()) {
      return there.defaultModel().equals("*")
          ? new Choice.Refused(
              Refusal.invalid("Name the model; " + capability + " has no default here."))
          : new Choice.Model(there.defaultModel());
    }
    String model = asked.get();
    if (model.length() > MOST_NAME) {
      return new Choice.Refused(unknown.model(capability, model));
    }
    return there.all(model).isEmpty()
        ? new Choice.Refused(unknown.model(capability, model, tier))
        : new Choice.Model(model);
  }

  /**
   * The gateways that may do a job, best first; at most three.
   *
   * @param nanos {@link System#nanoTime}
   */
  public List<Route> routes(String capability, String model, String tier, long nanos) {
    Offers there = offers(capability, tier);
    return there == null ? List.of() : there.best(model, nanos);
  }

  /**
   * The same, with the same gateway first for the same name, on every router. A changed table moves
   * only the names of gateways that it removes, adds or weighs anew.
   */
  public List<Route> sticky(String capability, String model, String tier, String name, long nanos) {
    Offers there = offers(capability, tier);
    return there == null ? List.of() : there.sticky(model, name, nanos);
  }

  /** Null when no pool of the tier has the capability. */
  private Offers offers(String capability, String tier) {
    return offers.getOrDefault(tier, Map.of()).get(capability);
  }

  /** All gateways of a tier that can do a job, for a list of models. */
  public List<Route> all(String capability, String model, String tier) {
    Offers there = offers(capability, tier);
    return there == null ? List.of() : there.all(model);
  }

  public Optional<Gateway> gateway(String name) {
    return Optional.ofNullable(name == null ? null : gateways.get(name));
  }

  /** How many tiers are worth more than this one, when jobs must be shed. */
  public int tiersAbove(String tier) {
    return tiers.isEmpty() ? 0 : tiers.size() - 1 - Math.max(0, tiers.indexOf(tier));
  }

  /** The orchestrators that the operator chose for a tenant's jobs. */
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
