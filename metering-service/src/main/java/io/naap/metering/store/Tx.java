package io.naap.metering.store;

import io.vertx.mutiny.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** An open transaction. Hand-written SQL: what locks and what is unique is in plain sight. */
public final class Tx {
  private final SqlConnection connection;
  private final List<CompletableFuture<?>> unsettled = new ArrayList<>();

  Tx(SqlConnection connection) {
    this.connection = connection;
  }

  public List<Row> query(String sql, Object... parameters) {
    RowSet<io.vertx.sqlclient.Row> rows = Transactions.await(execute(sql, parameters));
    List<Row> list = new ArrayList<>(rows.size());
    rows.forEach(row -> list.add(Row.newInstance(row)));
    return list;
  }

  public Optional<Row> one(String sql, Object... parameters) {
    List<Row> rows = query(sql, parameters);
    return rows.isEmpty() ? Optional.empty() : Optional.of(rows.getFirst());
  }

  /** Runs a change and says how many rows it touched. */
  public int change(String sql, Object... parameters) {
    return Transactions.await(execute(sql, parameters)).rowCount();
  }

  /**
   * Sends a change without waiting for its answer, so that the store works while the next one is
   * made; the connection keeps their order. Whether it succeeded is looked at before the commit is
   * believed.
   */
  public void send(String sql, Object... parameters) {
    unsettled.add(execute(sql, parameters));
  }

  /** Waits for all that was sent; the first failure is thrown. */
  void settle() {
    unsettled.forEach(Transactions::await);
    unsettled.clear();
  }

  private CompletableFuture<RowSet<io.vertx.sqlclient.Row>> execute(
      String sql, Object... parameters) {
    return Transactions.sent(
        connection.preparedQuery(sql).execute(Tuple.from(Arrays.asList(parameters))));
  }
}
