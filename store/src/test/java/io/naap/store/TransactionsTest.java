package io.naap.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.naap.contracts.testing.Stores;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.pgclient.PgException;
import jakarta.inject.Inject;
import java.util.UUID;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
class TransactionsTest {
  private static final String ADD = "insert into thing (id) values ($1)";

  @Inject Transactions transactions;

  private final String id = UUID.randomUUID().toString();

  @Test
  void whatThrowsLeavesNothing() {
    assertThatThrownBy(
            () ->
                transactions.run(
                    tx -> {
                      tx.change(ADD, id);
                      throw new IllegalStateException("no");
                    }))
        .hasMessage("no");

    assertThat(isThere()).isFalse();
  }

  @Test
  void aStatementNobodyWaitedForFailsTheWhole() {
    assertThatThrownBy(
            () ->
                transactions.run(
                    tx -> {
                      tx.send(ADD, id);
                      tx.send(ADD, id);
                      return "";
                    }))
        .isInstanceOf(PgException.class)
        .hasMessageContaining("thing_pkey");

    assertThat(isThere()).isFalse();
  }

  @Test
  void statementsThatTravelTogetherKeepTheirOrder() {
    long rows =
        transactions.<Long>run(
            tx -> {
              tx.send(ADD, id);
              Tx.Sent counted = tx.send("select count(*) as n from thing where id = $1", id);
              return counted.rows().getFirst().getLong("n");
            });

    assertThat(rows).isEqualTo(1);
    assertThat(isThere()).isTrue();
  }

  @Test
  void aStoreThatDoesNotAnswerIsAway() {
    assertThatThrownBy(() -> transactions.run(tx -> tx.query("select pg_sleep(3)")))
        .isInstanceOf(StoreAwayException.class)
        .hasMessage("the store is late");
  }

  private boolean isThere() {
    return transactions.<Boolean>run(
        tx -> tx.one("select 1 from thing where id = $1", id).isPresent());
  }
}
