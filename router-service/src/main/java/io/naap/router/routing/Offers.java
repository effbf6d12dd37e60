package io.naap.router.routing;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The gateways for one tier's jobs of one capability, worked out when the table is read, so that a
 * job costs a look-up and one comparison for each gateway.
 */
final class Offers {
  /** The most gateways that one job is tried at. */
  private static final int MOST_TRIED = 3;

  private final String capability;
  private final String defaultModel;
  private final Map<String, List<Route>> byModel;
  private final List<Route> ofAny;
  private final String region;
  private final AtomicInteger turn = new AtomicInteger();

  private Offers(
      String capability,
      String defaultModel,
      Map<String, List<Route>> byModel,
      List<Route> ofAny,
      String region) {
    this.capability = capability;
    this.defaultModel = defaultModel;
    this.byModel = byModel;
    this.ofAny = ofAny;
    this.region = region;
  }

  /**
   * The offers of pools of one tier that have the capability.
   *
   * @param region this router's own; pools there come first
   */
  static Offers of(String capability, List<Pool> pools, String region) {
    Map<String, List<Route>> byModel = new LinkedHashMap<>();
    List<Route> ofAny = new ArrayList<>();
    for (Pool pool : pools) {
      for (String model : pool.capabilities().get(capability)) {
        byModel.putIfAbsent(model, new ArrayList<>());
      }
    }
    for (Pool pool : pools) {
      List<Route> routes =
          pool.gateways().stream().map(gateway -> new Route(pool, gateway)).toList();
      byModel.forEach(
          (model, of) -> {
            if (pool.serves(capability, model)) {
              of.addAll(routes);
            }
          });
      if (pool.capabilities().get(capability).contains("*")) {
        ofAny.addAll(routes);
      }
    }
    byModel.remove("*");
    Map<String, List<Route>> copy = new HashMap<>();
    byModel.forEach((model, routes) -> copy.put(model, List.copyOf(routes)));
    return new Offers(
        capability,
        pools.getFirst().capabilities().get(capability).getFirst(),
        copy,
        List.copyOf(ofAny),
        region);
  }

  String defaultModel() {
    return defaultModel;
  }

  /** All gateways that serve a model; empty when none does. */
  List<Route> all(String model) {
    return byModel.getOrDefault(model, ofAny);
  }

  /**
   * The gateways that serve a model, the one to try first at the beginning. Gateways that lately
   * had no capacity for the model come last.
   */
  List<Route> best(String model, long nanos) {
    List<Route> all = all(model);
    int size = all.size();
    if (size < 2) {
      return all;
    }
    // Gateways that are equally busy take turns.
    int first = Math.floorMod(turn.getAndIncrement(), size);
    List<Route> best = new ArrayList<>(MOST_TRIED);
    List<ShortOf> shortOfIt = List.of();
    Route probed = null;
    for (int at = 0; at < size; at++) {
      Route route = all.get((first + at) % size);
      Gateway gateway = route.gateway();
      if (!gateway.health().isEjected()) {
        long left = gateway.shortages().left(capability, model, nanos);
        if (left == 0) {
          insert(best, route);
        } else {
          shortOfIt = shortOfIt.isEmpty() ? new ArrayList<>(MOST_TRIED) : shortOfIt;
          shortOfIt.add(new ShortOf(route, left));
        }
      } else if (probed == null && gateway.health().takesProbe(nanos)) {
        probed = route;
      }
    }
    if (best.size() < MOST_TRIED && !shortOfIt.isEmpty()) {
      shortOfIt.stream()
          .sorted(Comparator.comparingLong(ShortOf::left))
          .limit(MOST_TRIED - best.size())
          .forEach(one -> best.add(one.route));
    }
    return probed == null ? best.isEmpty() ? all : best : led(probed, best);
  }

  /** A gateway without capacity for the model, and for how long. */
  private record ShortOf(Route route, long left) {}

  private void insert(List<Route> best, Route route) {
    int at = best.size();
    while (at > 0 && isBetter(route, best.get(at - 1))) {
      at--;
    }
    if (at < MOST_TRIED) {
      if (best.size() == MOST_TRIED) {
        best.removeLast();
      }
      best.add(at, route);
    }
  }

  private boolean isBetter(Route one, Route other) {
    if (!region.isEmpty()) {
      boolean here = one.pool().region().equals(region);
      if (here != other.pool().region().equals(region)) {
        return here;
      }
    }
    // The one with fewer jobs in flight for its weight is better; compared without dividing.
    return (one.gateway().inFlight().get() + 1L) * other.gateway().weight()
        < (other.gateway().inFlight().get() + 1L) * one.gateway().weight();
  }

  private static List<Route> led(Route first, List<Route> others) {
    List<Route> all = new ArrayList<>(others.size() + 1);
    all.add(first);
    all.addAll(others.subList(0, Math.min(others.size(), MOST_TRIED - 1)));
    return all;
  }

  /**
   * The same gateway first for the same name, on every router, by weighted rendezvous hashing: each
   * gateway gets names by its weight, and when a gateway goes, comes or gets another weight, the
   * others keep their streams. A stream's state is at its gateway only, so a gateway that is short
   * of capacity keeps its streams.
   */
  List<Route> sticky(String model, String name, long nanos) {
    List<Route> all = all(model);
    if (all.size() < 2) {
      return all;
    }
    List<Route> well = new ArrayList<>(all.size());
    List<Route> ordered =
        all.stream()
            .map(route -> new Drawn(route, waited(route.gateway(), name)))
            .sorted(Comparator.comparingDouble(Drawn::after))
            .map(Drawn::route)
            .toList();
    for (Route route : ordered) {
      Health health = route.gateway().health();
      if (!health.isEjected() || (well.isEmpty() && health.takesProbe(nanos))) {
        well.add(route);
      }
    }
    return well.isEmpty() ? ordered : well;
  }

  /** A gateway, and the random number that it draws for a name. */
  private record Drawn(Route route, double after) {}

  /**
   * Draws an exponentially distributed number for a gateway and a name, with the gateway's weight
   * as rate: the smallest number wins, which happens in proportion to the weights. The arithmetic
   * is strict, so that every router gets the same numbers.
   */
  private static double waited(Gateway gateway, String name) {
    // A number of 53 bits between 0 and 1, and never 0 or 1.
    double drawn = ((hash(gateway.name() + '/' + name) >>> 11) + 0.5) * 0x1.0p-53;
    return -StrictMath.log(drawn) / gateway.weight();
  }

  /** FNV-1a, mixed as MurmurHash3 ends, because names often differ in their last letter only. */
  private static long hash(String text) {
    long hash = 0xcbf29ce484222325L;
    for (int at = 0; at < text.length(); at++) {
      hash = (hash ^ text.charAt(at)) * 0x100000001b3L;
    }
    hash = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
    hash = (hash ^ (hash >>> 33)) * 0xc4ceb9fe1a85ec53L;
    return hash ^ (hash >>> 33);
  }
}
