package io.naap.router.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.naap.contracts.problem.Refusal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RoutingTableTest {
  private static final String GOOD =
      """
      pools:
        - name: standard
          tier: standard
          capabilities:
            llm: [a/model, b/model]
          gateways:
            - {name: gateway-1, url: "http://127.0.0.1:1"}
            - {name: gateway-2, url: "http://127.0.0.1:2"}
      """;

  private static RoutingTable read(String yaml) {
    return read(yaml, "");
  }

  private static RoutingTable read(String yaml, String region) {
    return new RoutingTableReader(name -> new GatewayState(), name -> null, region).read(yaml);
  }

  private static String model(
      RoutingTable table, String capability, String tier, Optional<String> asked) {
    return switch (table.model(capability, tier, asked)) {
      case RoutingTable.Choice.Model model -> model.name();
      case RoutingTable.Choice.Refused refused -> throw refused.refusal().raise();
    };
  }

  private static List<String> names(List<Route> routes) {
    return routes.stream().map(route -> route.gateway().name()).toList();
  }

  /** A pool of so many gateways. */
  private static RoutingTable of(int gateways) {
    StringBuilder yaml = new StringBuilder(GOOD);
    for (int at = 3; at <= gateways; at++) {
      yaml.append("      - {name: gateway-%d, url: \"http://127.0.0.1:%d\"}%n".formatted(at, at));
    }
    return read(yaml.toString());
  }

  private static void eject(Gateway gateway, long nanos) {
    Health.Rules rules = new Health.Rules(1, 1, 1, 1, 1_000_000_000L, 1_000_000_000L);
    gateway.health().failed(rules, true, nanos);
  }

  @Test
  void theFirstModelIsTheDefault() {
    assertThat(model(read(GOOD), "llm", "standard", Optional.empty())).isEqualTo("a/model");
  }

  @Test
  void theGatewayWithLeastInFlightComesFirst() {
    RoutingTable table = read(GOOD);
    table.gateways().getFirst().inFlight().set(3);

    assertThat(table.routes("llm", "a/model", "standard", 0).getFirst().gateway().name())
        .isEqualTo("gateway-2");
  }

  @Test
  void equallyBusyGatewaysTakeTurns() {
    RoutingTable table = of(4);
    Set<String> first = new HashSet<>();

    for (int job = 0; job < 4; job++) {
      first.add(names(table.routes("llm", "a/model", "standard", 0)).getFirst());
    }

    assertThat(first).hasSize(4);
  }

  @Test
  void atMostThreeAreTriedAndTheyAreTheLeastBusy() {
    RoutingTable table = of(5);
    table.gateways().forEach(one -> one.inFlight().set(one.name().hashCode() % 7 + 10));
    List<String> byLoad = new ArrayList<>(table.gateways().stream().map(Gateway::name).toList());
    byLoad.sort(
        java.util.Comparator.comparingInt(
            name -> table.gateway(name).orElseThrow().inFlight().get()));

    assertThat(names(table.routes("llm", "a/model", "standard", 0)))
        .isEqualTo(byLoad.subList(0, 3));
  }

  @Test
  void anEjectedGatewayGetsNoJobUntilItsProbe() {
    RoutingTable table = of(3);
    eject(table.gateways().getFirst(), 0);

    for (int job = 0; job < 6; job++) {
      assertThat(names(table.routes("llm", "a/model", "standard", 1)))
          .containsExactlyInAnyOrder("gateway-2", "gateway-3");
    }
    assertThat(names(table.routes("llm", "a/model", "standard", 1_000_000_000L)).getFirst())
        .isEqualTo("gateway-1");
    assertThat(names(table.routes("llm", "a/model", "standard", 1_000_000_001L)))
        .doesNotContain("gateway-1");
  }

  @Test
  void notMoreThanHalfOfAPoolIsEjected() {
    Pool pool = of(3).pools().getFirst();
    assertThat(Outliers.mayEject(pool, 50)).isTrue();
    eject(pool.gateways().getFirst(), 0);
    assertThat(Outliers.mayEject(pool, 50)).isFalse();

    assertThat(Outliers.mayEject(of(2).pools().getFirst(), 50)).isTrue();
    assertThat(
            Outliers.mayEject(
                read(GOOD.replaceAll("(?m)^.*gateway-2.*$", "")).pools().getFirst(), 50))
        .isFalse();
  }

  @Test
  void streamsStayWhereTheyAreWhenAnotherGatewayGoes() {
    RoutingTable table = of(4);
    Map<String, String> before = new HashMap<>();
    for (int at = 0; at < 100; at++) {
      String stream = "ten_x-stream" + at;
      before.put(stream, names(table.sticky("llm", "a/model", "standard", stream, 1)).getFirst());
    }
    assertThat(new HashSet<>(before.values())).hasSize(4);
    eject(table.gateways().getFirst(), 0);

    before.forEach(
        (stream, gateway) -> {
          String now = names(table.sticky("llm", "a/model", "standard", stream, 1)).getFirst();
          if (gateway.equals("gateway-1")) {
            assertThat(now).isNotEqualTo("gateway-1");
          } else {
            assertThat(now).isEqualTo(gateway);
          }
        });
  }

  @Test
  void poolsOfTheOwnRegionComeFirst() {
    String two =
        GOOD.replace("tier: standard", "tier: standard\n    region: eu")
            + GOOD.replace("pools:\n", "")
                .replace("name: standard", "name: far")
                .replace("gateway-", "far-")
                .replace("tier: standard", "tier: standard\n    region: us");
    RoutingTable table = read(two, "us");
    table.gateways().stream()
        .filter(one -> one.name().startsWith("far"))
        .forEach(one -> one.inFlight().set(9));

    assertThat(names(table.routes("llm", "a/model", "standard", 0)).subList(0, 2))
        .containsExactlyInAnyOrder("far-1", "far-2");
  }

  @Test
  void tiersAreOrderedAsTheTableSays() {
    RoutingTable table = read(GOOD + "tiers: [free, standard, premium]\n");

    assertThat(table.tiersAbove("premium")).isZero();
    assertThat(table.tiersAbove("standard")).isEqualTo(1);
    assertThat(table.tiersAbove("free")).isEqualTo(2);
    assertThat(table.tiersAbove("unknown")).isEqualTo(2);
    assertThat(read(GOOD).tiersAbove("anything")).isZero();
  }

  @Test
  void aModelOfAnotherTierIsToldWhatThisOneHas() {
    String two =
        GOOD
            + GOOD.replace("pools:\n", "")
                .replace("name: standard", "name: best")
                .replace("gateway-", "best-")
                .replace("tier: standard", "tier: premium")
                .replace("a/model, b/model", "c/model");

    assertThatThrownBy(() -> model(read(two), "llm", "standard", Optional.of("c/model")))
        .isInstanceOfSatisfying(
            Refusal.RefusedException.class,
            refused -> {
              assertThat(refused.refusal().code()).isEqualTo("not_in_tier");
              assertThat(refused.refusal().detail()).contains("a/model", "b/model");
            });
  }

  @Test
  void anUnknownModelIsToldWhatIsThere() {
    assertThatThrownBy(() -> model(read(GOOD), "llm", "standard", Optional.of("b/modul")))
        .isInstanceOfSatisfying(
            Refusal.RefusedException.class,
            refused -> assertThat(refused.refusal().detail()).contains("b/model"));
  }

  @Test
  void namesAreCloseWhateverTheirCase() {
    String many = GOOD.replace("a/model, b/model", "v1, v2, v3, v4, v5, stabilityai/sdxl-turbo");

    assertThatThrownBy(() -> model(read(many), "llm", "standard", Optional.of("SDXL-TURBO")))
        .isInstanceOfSatisfying(
            Refusal.RefusedException.class,
            refused -> assertThat(refused.refusal().detail()).contains("stabilityai/sdxl-turbo"));
  }

  @Test
  void aNameThatNoModelHasIsRefusedWhereAnyModelIsServed() {
    RoutingTable any = read(GOOD.replace("a/model, b/model", "\"*\""));
    String longest = "m".repeat(200);

    assertThat(model(any, "llm", "standard", Optional.of(longest))).isEqualTo(longest);
    assertThatThrownBy(() -> model(any, "llm", "standard", Optional.of(longest + "m")))
        .isInstanceOfSatisfying(
            Refusal.RefusedException.class,
            refused -> {
              assertThat(refused.refusal().code()).isEqualTo("unknown_model");
              assertThat(refused.refusal().detail()).hasSizeLessThan(300);
            });
  }

  @Test
  void streamsAreSpreadEvenlyAndThoseOfAGoneGatewayToo() {
    RoutingTable table = of(5);
    Map<String, Integer> first = new HashMap<>();
    Map<String, Integer> afterFirst = new HashMap<>();
    for (int at = 0; at < 5_000; at++) {
      List<String> order =
          names(table.sticky("llm", "a/model", "standard", "ten_x-stream" + at, 1));
      first.merge(order.get(0), 1, Integer::sum);
      if (order.get(0).equals("gateway-1")) {
        afterFirst.merge(order.get(1), 1, Integer::sum);
      }
    }

    assertThat(first.values()).hasSize(5).allMatch(count -> count > 800 && count < 1_200);
    assertThat(afterFirst.values()).hasSize(4).allMatch(count -> count > 150 && count < 350);
  }

  @Test
  void twoGatewaysDoNotShareASecret() {
    String shared =
        GOOD.replace(":1\"", ":1\", hook_secret_env: ONE")
            .replace(":2\"", ":2\", hook_secret_env: OTHER");

    assertThatThrownBy(
            () ->
                new RoutingTableReader(
                        name -> new GatewayState(), name -> "the-same-hook-secret", "")
                    .read(shared))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("gateway-2")
        .hasMessageNotContaining("the-same-hook-secret");
  }

  @Test
  void refusesTablesThatCannotWork() {
    for (String bad :
        new String[] {
          "pools: []",
          "nonsense",
          GOOD.replace("gateway-2", "gateway-1"),
          GOOD.replace("llm:", "llms:"),
          GOOD.replace("http://127.0.0.1:1", "ftp://x"),
          GOOD.replace("http://127.0.0.1:1", "http://127.0.0.1:99350"),
          GOOD.replace("llm:", "llm: [c/model]\n      llm:"),
          GOOD.replace("tier:", "level:"),
          GOOD.replace("url: \"http://127.0.0.1:1\"", "url: \"http://x\", cli_url: \"x\""),
          GOOD + "tiers: [a, a]",
          GOOD + "affinities: {somebody: {orchestrator: x}}",
          GOOD + "affinities: {ten_01kaq3v7g8e2nb0p4m6r9t1x5z: {include: [\"nowhere\"]}}",
          GOOD.replace("tier: standard", "tier: standard\n    orchestrators: [\"https://x/y\"]")
        }) {
      assertThatThrownBy(() -> read(bad)).isInstanceOf(IllegalArgumentException.class);
    }
  }
}
