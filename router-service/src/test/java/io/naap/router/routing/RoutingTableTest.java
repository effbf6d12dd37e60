package io.naap.router.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.naap.contracts.problem.Refusal;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
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
    return RoutingTable.read(yaml, name -> new AtomicInteger(), name -> null);
  }

  @Test
  void theFirstModelIsTheDefault() {
    assertThat(read(GOOD).model("llm", "standard", Optional.empty())).isEqualTo("a/model");
  }

  @Test
  void theGatewayWithLeastInFlightComesFirst() {
    RoutingTable table = read(GOOD);
    table.gateways().getFirst().inFlight().set(3);

    assertThat(table.routes("llm", "a/model", "standard").getFirst().gateway().name())
        .isEqualTo("gateway-2");
  }

  @Test
  void anUnknownModelIsToldWhatIsThere() {
    assertThatThrownBy(() -> read(GOOD).model("llm", "standard", Optional.of("b/modul")))
        .isInstanceOfSatisfying(
            Refusal.RefusedException.class,
            refused -> assertThat(refused.refusal().detail()).contains("b/model"));
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
          GOOD.replace("tier:", "level:")
        }) {
      assertThatThrownBy(() -> read(bad)).isInstanceOf(IllegalArgumentException.class);
    }
  }
}
