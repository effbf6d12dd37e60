package io.naap.clearinghouse.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.naap.clearinghouse.Samples;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.testing.Stores;
import io.naap.store.Transactions;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.inject.Inject;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
class LedgerTest {
  @Inject Ledger ledger;
  @Inject Transactions transactions;

  @Test
  void booksABusinessKeyOnceForEver() {
    String tenant = Samples.tenant();

    PostingResult first = issue(tenant, "a:" + tenant, 5);
    PostingResult second = issue(tenant, "a:" + tenant, 5);

    assertThat(first).isInstanceOf(PostingResult.Booked.class);
    assertThat(second)
        .isEqualTo(new PostingResult.AlreadyBooked(((PostingResult.Booked) first).journalId()));
    assertThat(credit(tenant)).isEqualTo(NanoUsd.ofNanos(5));
  }

  @Test
  void neverPassesTheFloorWithManyAtOnce() throws Exception {
    String tenant = Samples.tenant();
    issue(tenant, "b:" + tenant, 10);

    List<Future<PostingResult>> takes = new ArrayList<>();
    try (ExecutorService many = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int at = 0; at < 40; at++) {
        String key = "c" + at + ":" + tenant;
        takes.add(many.submit(() -> issue(tenant, key, -1)));
      }
    }

    int booked = 0;
    for (Future<PostingResult> take : takes) {
      booked += take.get() instanceof PostingResult.Booked ? 1 : 0;
    }
    assertThat(booked).isEqualTo(10);
    assertThat(credit(tenant)).isEqualTo(NanoUsd.ZERO);
  }

  @Test
  void refusesAJournalThatDoesNotSumToZero() {
    String tenant = Samples.tenant();

    assertThatThrownBy(
            () ->
                new Journal(
                    "x",
                    "x",
                    Optional.empty(),
                    Instant.now(),
                    "x",
                    List.of(new Posting(AccountRef.credit(tenant), BigInteger.ONE))))
        .hasMessageContaining("does not sum to zero");
  }

  @Test
  void theSchemaRefusesWhatTheCodeWouldNotDo() {
    String tenant = Samples.tenant();
    issue(tenant, "d:" + tenant, 5);

    assertThatThrownBy(
            () ->
                transactions.run(
                    tx -> {
                      tx.change(
                          "insert into journal (id, business_key, kind, description, occurred_at)"
                              + " values ($1, $1, 'x', 'x', now())",
                          "jnl_" + tenant);
                      return tx.change(
                          "insert into posting (journal_id, account_id, currency, amount)"
                              + " select $1, id, 'USD', 1 from account where owner = $2",
                          "jnl_" + tenant,
                          tenant);
                    }))
        .hasMessageContaining("does not sum to zero");
    for (String sql :
        List.of(
            "update journal set description = 'x' where business_key = $1",
            "delete from journal where business_key = $1",
            "delete from posting where journal_id = (select id from journal where business_key = $1)",
            "update posting set amount = 1"
                + " where journal_id = (select id from journal where business_key = $1)")) {
      assertThatThrownBy(() -> transactions.run(tx -> tx.change(sql, "d:" + tenant)))
          .as(sql)
          .hasMessageContaining("append-only");
    }
    assertThatThrownBy(
            () ->
                transactions.run(
                    tx ->
                        tx.change(
                            "insert into posting (journal_id, account_id, currency, amount)"
                                + " select j.id, a.id, 'USD', s from journal j, account a,"
                                + " unnest(array[1, -1]) s"
                                + " where j.business_key = $1 and a.owner = $2",
                            "d:" + tenant,
                            tenant)))
        .hasMessageContaining("not extended later");
    assertThat(credit(tenant)).isEqualTo(NanoUsd.ofNanos(5));
  }

  @Test
  void everyBalanceIsTheSumOfItsPostings() {
    String tenant = Samples.tenant();
    issue(tenant, "e:" + tenant, 7);
    issue(tenant, "f:" + tenant, -3);

    assertThat(
            transactions.<List<Row>>run(
                tx ->
                    tx.query(
                        """
                        select a.id from account a left join posting p on p.account_id = a.id
                        group by a.id having a.balance <> coalesce(sum(p.amount), 0)""")))
        .isEmpty();
  }

  private PostingResult issue(String tenant, String key, long nanos) {
    return ledger.transact(
        books -> {
          books.lock(List.of(AccountRef.credit(tenant)));
          books.lock(List.of(AccountRef.creditsIssued()));
          books.know(List.of(key));
          return books.book(
              new Journal(
                  key,
                  "test",
                  Optional.of(tenant),
                  Instant.now(),
                  "test",
                  new Postings()
                      .add(AccountRef.credit(tenant), NanoUsd.ofNanos(nanos))
                      .add(AccountRef.creditsIssued(), NanoUsd.ofNanos(-nanos))
                      .list()));
        });
  }

  private NanoUsd credit(String tenant) {
    return ledger.transact(
        books -> {
          books.lock(List.of(AccountRef.credit(tenant)));
          return books.dollars(AccountRef.credit(tenant));
        });
  }
}
