package io.naap.router.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RoutingTablesTest {
  private static final String TABLE =
      """
      pools:
        - name: standard
          tier: standard
          capabilities: {llm: [a/model]}
          gateways: [{name: gateway-1, url: "http://127.0.0.1:1"}]
      """;

  private final Vertx vertx = Vertx.vertx();
  @TempDir Path directory;

  @AfterEach
  void close() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  private RoutingTables tables() throws IOException {
    Files.writeString(directory.resolve("routing.yaml"), TABLE);
    RoutingTables tables = new RoutingTables(new Config(directory), vertx);
    tables.start(null);
    return tables;
  }

  /** Two looks, as a change needs. */
  private static void look(RoutingTables tables) {
    tables.reload();
    tables.reload();
  }

  private void write(String yaml) throws IOException {
    Files.writeString(directory.resolve("routing.yaml"), yaml);
  }

  @Test
  void aChangedTableIsTakenAndItsGatewaysAreStillTheSame() throws IOException {
    RoutingTables tables = tables();
    GatewayState state = tables.current().gateway("gateway-1").orElseThrow().state();

    write(TABLE.replace("a/model", "b/model"));
    look(tables);

    assertThat(tables.current().model("llm", "standard", Optional.empty()))
        .isEqualTo(new RoutingTable.Choice.Model("b/model"));
    assertThat(tables.current().gateway("gateway-1").orElseThrow().state()).isSameAs(state);
  }

  @Test
  void theLastGoodTableStaysWhenTheNextIsBadOrGone() throws IOException {
    RoutingTables tables = tables();
    RoutingTable good = tables.current();

    for (String bad : new String[] {"", "pools: [", TABLE.replace("llm", "nothing")}) {
      write(bad);
      look(tables);
      assertThat(tables.current()).isSameAs(good);
    }
    Files.delete(directory.resolve("routing.yaml"));
    look(tables);
    assertThat(tables.current()).isSameAs(good);

    write(TABLE.replace("a/model", "c/model"));
    look(tables);
    assertThat(tables.current().model("llm", "standard", Optional.empty()))
        .isEqualTo(new RoutingTable.Choice.Model("c/model"));
  }

  @Test
  void aBadTableStopsTheStartAndSaysWhichFile() throws IOException {
    write("pools: []");
    RoutingTables tables = new RoutingTables(new Config(directory), vertx);

    assertThatThrownBy(() -> tables.start(null))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("routing.yaml")
        .hasMessageContaining("at least one");
  }

  record Config(Path directory) implements RoutingConfig {
    @Override
    public Path routingTable() {
      return directory.resolve("routing.yaml");
    }

    @Override
    public Duration routingTableEvery() {
      return Duration.ofHours(1);
    }

    @Override
    public Optional<String> region() {
      return Optional.empty();
    }

    @Override
    public String instance() {
      return "router-1";
    }

    @Override
    public Path spoolDirectory() {
      return directory;
    }

    @Override
    public int usageShards() {
      return 1;
    }

    @Override
    public String publicUrl() {
      return "http://naap.test";
    }
  }
}
