package io.naap.keys.apikey;

import io.naap.contracts.ids.IdKind;
import io.naap.contracts.page.Cursor;
import io.naap.contracts.page.PageRequest;
import io.naap.contracts.problem.InvalidInput;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds the ids of the keys on a page, in a time that does not grow with the number of the tenant's
 * keys. One index provides the order: newest first, or by name in a text search. A page examines at
 * most {@link #EXAMINED} entries of it; when few of them match, the page is short but still has a
 * next cursor. The SQL is written by hand to control which index is read and how far.
 */
@ApplicationScoped
class KeyPages {
  /**
   * The most keys that a page examines when there are conditions that its index does not answer.
   */
  static final int EXAMINED = 2_000;

  private final Pool pool;

  KeyPages(Pool pool) {
    this.pool = pool;
  }

  /**
   * The keys of a page, in order.
   *
   * @param next absent on the last page
   */
  record Found(List<String> ids, Optional<String> next) {}

  /**
   * The key that the page before ended with. The name is empty unless the list is ordered by name.
   */
  private record After(String id, String name) {
    static After of(Cursor cursor, boolean byName) {
      return new After(cursor.text(0, IdKind.KEY::matches), byName ? cursor.text(1) : "");
    }

    String write(boolean byName) {
      return (byName ? Cursor.of(id, name) : Cursor.of(id)).write();
    }
  }

  /**
   * Finds the keys of a page.
   *
   * @throws InvalidInput when the cursor is not one of this list
   */
  Uni<Found> find(String tenantId, KeySearch search, PageRequest page, Instant now) {
    Statement statement = statement(tenantId, search, page, now);
    return pool.preparedQuery(statement.sql)
        .execute(Tuple.from(statement.values))
        .map(rows -> found(rows.iterator().next(), page.size(), statement));
  }

  /**
   * The SQL of a search with its parameters; a record of its own so that a test can check the query
   * plan.
   */
  record Statement(
      String sql, List<Object> values, int examined, boolean filtered, boolean byName) {}

  static Statement statement(String tenantId, KeySearch search, PageRequest page, Instant now) {
    boolean byName = search.words().isPresent();
    After after = page.after().map(end -> After.of(end, byName)).orElse(null);
    List<Object> values = new ArrayList<>();
    values.add(tenantId);
    String fits = fits(search, values, now);
    boolean filtered = !fits.equals("true");
    int examined = filtered ? EXAMINED : page.oneMore();
    String source =
        byName
            ? named(search.words().orElseThrow(), after, values, fits, examined)
            : newest(search.tag(), after, values, fits, examined);
    String order = byName ? "named, id" : "id desc";
    String backwards = byName ? "named desc, id desc" : "id";
    String sql =
        "with examined as materialized ("
            + source
            + "), page as (select id, named from examined where fits order by "
            + order
            + " limit "
            + page.oneMore()
            + ") select array(select id from page order by "
            + order
            + ") as ids, array(select named from page order by "
            + order
            + ") as names, (select count(*) from examined) as seen,"
            + " (select id from examined order by "
            + backwards
            + " limit 1) as last_id, (select named from examined order by "
            + backwards
            + " limit 1) as last_name";
    return new Statement(sql, values, examined, filtered, byName);
  }

  private static Found found(Row row, int size, Statement asked) {
    String[] ids = row.getArrayOfStrings("ids");
    String[] names = row.getArrayOfStrings("names");
    if (ids.length > size) {
      return new Found(
          List.of(ids).subList(0, size),
          Optional.of(new After(ids[size - 1], names[size - 1]).write(asked.byName)));
    }
    return new Found(
        List.of(ids),
        asked.filtered && row.getLong("seen") == asked.examined
            ? Optional.of(
                new After(row.getString("last_id"), row.getString("last_name")).write(asked.byName))
            : Optional.empty());
  }

  /** The conditions that the index does not answer, as SQL; "true" when there are none. */
  private static String fits(KeySearch search, List<Object> values, Instant now) {
    List<String> all = new ArrayList<>();
    if (search.words().isPresent() && search.tag().isPresent()) {
      all.add("k.tags @> array[" + next(values, search.tag().get()) + "::text]");
    }
    search.createdBy().ifPresent(by -> all.add("k.created_by = " + next(values, by)));
    search.mode().ifPresent(mode -> all.add("k.mode = " + next(values, mode)));
    search
        .status()
        .ifPresent(
            status -> {
              String at =
                  status.equals("disabled")
                      ? ""
                      : next(values, now.atOffset(ZoneOffset.UTC)) + "::timestamptz";
              all.add(
                  switch (status) {
                    case "disabled" -> "not k.enabled";
                    case "expired" -> "k.enabled and k.expires_at <= " + at;
                    default -> "k.enabled and (k.expires_at is null or k.expires_at > " + at + ")";
                  });
            });
    return all.isEmpty() ? "true" : String.join(" and ", all);
  }

  private static String newest(
      Optional<String> tag, After after, List<Object> values, String fits, int examined) {
    String from =
        tag.isPresent()
            ? " from key_tags i join api_keys k on k.id = i.key_id where i.tenant_id = $1"
                + " and i.tag = "
                + next(values, tag.get())
            : " from api_keys k where k.tenant_id = $1 and k.deleted_at is null";
    String id = tag.isPresent() ? "i.key_id" : "k.id";
    return "select k.id, '' as named, coalesce("
        + fits
        + ", false) as fits"
        + from
        + (after == null ? "" : " and " + id + " < " + next(values, after.id()))
        + " order by "
        + id
        + " desc limit "
        + examined;
  }

  /**
   * The union of four look-ups, each ordered by name: the beginning of a name, the last four, the
   * key id and the public id.
   */
  private static String named(
      String text, After after, List<Object> values, String fits, int examined) {
    String given = next(values, text) + "::text";
    String name = "lower(k.name) collate \"C\"";
    String from =
        "select k.id, "
            + name
            + " as named, coalesce("
            + fits
            + ", false) as fits from api_keys k where k.tenant_id = $1 and k.deleted_at is null";
    String later =
        after == null
            ? ""
            : " and ("
                + name
                + ", k.id) > ("
                + next(values, after.name())
                + "::text collate \"C\", "
                + next(values, after.id())
                + ")";
    String inOrder = later + " order by " + name + ", k.id limit " + examined;
    // A prefix is a range that ends with the highest Unicode character.
    return "("
        + from
        + " and "
        + name
        + " >= lower("
        + given
        + ") and "
        + name
        + " < lower("
        + given
        + ") || chr(1114111)"
        + inOrder
        + ") union ("
        + from
        + " and k.last_four = "
        + given
        + inOrder
        + ") union ("
        + from
        + " and k.id = "
        + given
        + inOrder
        + ") union ("
        + from
        + " and k.id = (select key_id from key_secrets where public_id = "
        + given
        + ")"
        + inOrder
        + ") order by named, id limit "
        + examined;
  }

  private static String next(List<Object> values, Object value) {
    values.add(value);
    return "$" + values.size();
  }
}
