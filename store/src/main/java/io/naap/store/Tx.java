package io.naap.store;

import io.vertx.core.Future;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** An open transaction. Hand-written SQL: what locks and what is unique is in plain sight. */
public final class Tx {
  private final SqlConnection connection;
  private final Waiting waiting;
  private final List<Sent> unsettled = new ArrayList<>();

  Tx(SqlConnection connection, Waiting waiting) {
    this.connection = connection;
    this.waiting = waiting;
  }

  public List<Row> query(String sql, Object... parameters) {
    return rows(waiting.on(execute(sql, parameters)));
  }

  public Optional<Row> one(String sql, Object... parameters) {
    List<Row> rows = query(sql, parameters);
    return rows.isEmpty() ? Optional.empty() : Optional.of(rows.getFirst());
  }

  /** Runs a change and says how many rows it touched. */
  public int change(String sql, Object... parameters) {
    return waiting.on(execute(sql, parameters)).rowCount();
  }

  /**
   * Sends a statement without waiting for its answer, so that several travel together; the
   * connection keeps their order. Whether it succeeded is looked at before the commit is believed,
   * even when nobody asks for its rows.
   */
  public Sent send(String sql, Object... parameters) {
    Sent sent = new Sent(execute(sql, parameters));
    unsettled.add(sent);
    return sent;
  }

  /** Waits for all that was sent; the first failure is thrown. */
  void settle() {
    unsettled.forEach(sent -> waiting.on(sent.answer));
    unsettled.clear();
  }

  /** A statement under way. */
  public final class Sent {
    private final Future<RowSet<io.vertx.sqlclient.Row>> answer;

    private Sent(Future<RowSet<io.vertx.sqlclient.Row>> answer) {
      this.answer = answer;
    }

    public List<Row> rows() {
      return Tx.rows(waiting.on(answer));
    }
  }

  private Future<RowSet<io.vertx.sqlclient.Row>> execute(String sql, Object... parameters) {
    return connection.preparedQuery(sql).execute(Tuple.from(Arrays.asList(parameters)));
  }

  private static List<Row> rows(RowSet<io.vertx.sqlclient.Row> rows) {
    List<Row> list = new ArrayList<>(rows.size());
    rows.forEach(row -> list.add(Row.newInstance(row)));
    return list;
  }
}
