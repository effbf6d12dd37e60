package io.naap.clearinghouse.store;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** An open transaction. Hand-written SQL: what locks and what is unique is in plain sight. */
public final class Tx {
  private final SqlConnection connection;

  Tx(SqlConnection connection) {
    this.connection = connection;
  }

  public List<Row> query(String sql, Object... parameters) {
    RowSet<Row> rows =
        Transactions.await(
            connection.preparedQuery(sql).execute(Tuple.from(Arrays.asList(parameters))));
    List<Row> list = new ArrayList<>(rows.size());
    rows.forEach(list::add);
    return list;
  }

  /**
   * Sends a statement without waiting for its answer, so that several travel together; the
   * connection keeps their order. Whoever sends must {@link Sent#rows} before the transaction ends.
   */
  public Sent send(String sql, Object... parameters) {
    return new Sent(
        connection
            .preparedQuery(sql)
            .execute(Tuple.from(Arrays.asList(parameters)))
            .subscribeAsCompletionStage());
  }

  /** A statement under way. */
  public static final class Sent {
    private final CompletableFuture<RowSet<Row>> answer;

    private Sent(CompletableFuture<RowSet<Row>> answer) {
      this.answer = answer;
    }

    public List<Row> rows() {
      List<Row> list = new ArrayList<>();
      Transactions.await(Uni.createFrom().completionStage(answer)).forEach(list::add);
      return list;
    }
  }

  public Optional<Row> one(String sql, Object... parameters) {
    List<Row> rows = query(sql, parameters);
    return rows.isEmpty() ? Optional.empty() : Optional.of(rows.getFirst());
  }

  /** Runs a change and says how many rows it touched. */
  public int change(String sql, Object... parameters) {
    return Transactions.await(
            connection.preparedQuery(sql).execute(Tuple.from(Arrays.asList(parameters))))
        .rowCount();
  }
}
