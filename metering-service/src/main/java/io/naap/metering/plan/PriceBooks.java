package io.naap.metering.plan;

import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.problem.Refusal;
import io.naap.contracts.rating.Charge;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;

/** Stores price books in Postgres. Stored versions never change. */
@ApplicationScoped
class PriceBooks {
  private final Transactions transactions;
  private final Ids ids;

  PriceBooks(Transactions transactions, Ids ids) {
    this.transactions = transactions;
    this.ids = ids;
  }

  /** Returns every price book in its newest version. */
  List<PriceBook> newest() {
    return transactions
        .run(
            tx ->
                tx.query(
                    """
                    select b.id, v.version, b.name, v.charges::text charges from price_book b
                    join price_book_version v on v.book_id = b.id
                    where v.version = (select max(version) from price_book_version where book_id = b.id)
                    order by b.id"""))
        .stream()
        .map(PriceBooks::read)
        .toList();
  }

  Optional<PriceBook> find(Tx tx, String id) {
    return tx.one(
            """
            select b.id, v.version, b.name, v.charges::text charges from price_book b
            join price_book_version v on v.book_id = b.id where b.id = $1 order by v.version desc limit 1""",
            id)
        .map(PriceBooks::read);
  }

  /** Creates a price book with its first version. */
  PriceBook create(Tx tx, PriceBook.Request request) {
    Names.check("name", request.name());
    String id = "pbk" + ids.next(IdKind.PLAN).substring(3);
    tx.change("insert into price_book (id, name) values ($1, $2)", id, request.name());
    return add(tx, id, request.charges());
  }

  /** Adds a version to a price book. */
  PriceBook addVersion(Tx tx, String id, List<Charge> charges) {
    if (tx.one("select 1 from price_book where id = $1 for update", id).isEmpty()) {
      throw Refusal.notFound("price book").raise();
    }
    return add(tx, id, charges);
  }

  private PriceBook add(Tx tx, String id, List<Charge> charges) {
    if (charges.isEmpty()) {
      throw Refusal.invalid("A price book has at least one charge.").raise();
    }
    tx.change(
        "insert into price_book_version (book_id, version, charges)"
            + " select $1, coalesce(max(version), 0) + 1, $2::text::jsonb from price_book_version where book_id = $1",
        id,
        PlanVersions.charges(charges));
    return find(tx, id).orElseThrow();
  }

  private static PriceBook read(Row row) {
    return new PriceBook(
        row.getString("id"),
        row.getInteger("version"),
        row.getString("name"),
        PlanVersions.stored(row.getString("charges")));
  }
}
