package io.naap.router.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Which gateway of a pool a stream's name belongs to. */
class StickyTest {
  private static final int NAMES = 2_000;

  /** Of gateways by name, with their weights; they are never ejected. */
  private static RoutingTable table(Map<String, Integer> weights) {
    StringBuilder yaml =
        new StringBuilder(
            """
            pools:
              - name: standard
                tier: standard
                capabilities: {transcoding: [h264]}
                gateways:
            """);
    weights.forEach(
        (name, weight) ->
            yaml.append(
                "      - {name: %s, url: \"http://127.0.0.1:1\", weight: %d}%n"
                    .formatted(name, weight)));
    return new RoutingTableReader(name -> new GatewayState(), name -> null, "")
        .read(yaml.toString());
  }

  private static Map<String, Integer> weights(List<Integer> of) {
    Map<String, Integer> weights = new HashMap<>();
    of.forEach(weight -> weights.put("gateway-" + (weights.size() + 1), weight));
    return weights;
  }

  /** The gateway of each of many names. */
  private static List<String> homes(Map<String, Integer> weights, int seed) {
    RoutingTable table = table(weights);
    List<String> homes = new ArrayList<>();
    for (int at = 0; at < NAMES; at++) {
      homes.add(
          table
              .sticky("transcoding", "h264", "standard", "ten_" + seed + "-cam" + at, 1)
              .getFirst()
              .gateway()
              .name());
    }
    return homes;
  }

  @Property(tries = 100)
  void eachGatewayHasItsWeightsShareOfNames(
      @ForAll @Size(min = 2, max = 6) List<@IntRange(min = 1, max = 1_000) Integer> given,
      @ForAll int seed) {
    Map<String, Integer> weights = weights(given);
    double all = given.stream().mapToInt(weight -> weight).sum();

    List<String> homes = homes(weights, seed);

    weights.forEach(
        (name, weight) -> {
          double share = weight / all;
          double expected = NAMES * share;
          // Six times what chance makes of it, and some for those with next to none.
          double chance = 6 * Math.sqrt(expected * (1 - share)) + 6;
          long there = homes.stream().filter(name::equals).count();
          assertThat((double) there).isBetween(expected - chance, expected + chance);
        });
  }

  @Property(tries = 50)
  void onlyTheNamesOfAGatewayThatGoesMoveAndComeBackWithIt(
      @ForAll @Size(min = 2, max = 6) List<@IntRange(min = 1, max = 1_000) Integer> given,
      @ForAll @IntRange(min = 0, max = 5) int which,
      @ForAll int seed) {
    Map<String, Integer> weights = weights(given);
    String gone = "gateway-" + (which % given.size() + 1);
    Map<String, Integer> without = new HashMap<>(weights);
    without.remove(gone);

    List<String> with = homes(weights, seed);
    List<String> after = homes(without, seed);

    for (int at = 0; at < NAMES; at++) {
      if (!with.get(at).equals(gone)) {
        assertThat(after.get(at)).isEqualTo(with.get(at));
      }
    }
  }

  @Property(tries = 50)
  void aGatewayThatIsGivenMoreWeightOnlyGainsNames(
      @ForAll @Size(min = 2, max = 6) List<@IntRange(min = 1, max = 500) Integer> given,
      @ForAll @IntRange(min = 1, max = 500) int more,
      @ForAll int seed) {
    Map<String, Integer> weights = weights(given);
    Map<String, Integer> heavier = new HashMap<>(weights);
    heavier.merge("gateway-1", more, Integer::sum);

    List<String> before = homes(weights, seed);
    List<String> after = homes(heavier, seed);

    for (int at = 0; at < NAMES; at++) {
      assertThat(after.get(at)).isIn(before.get(at), "gateway-1");
    }
  }
}
