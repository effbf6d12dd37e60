package io.naap.clearinghouse.ledger;

import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.money.NanoUsd;
import io.naap.store.Tx;
import io.vertx.mutiny.sqlclient.Row;
import java.math.BigInteger;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The ledger inside one transaction. Accounts are locked before they are read or changed.
 *
 * <p>Order of locks, so that transactions never wait in a circle: first the {@code credit} accounts
 * of all tenants concerned, in one call; then, under them, whatever else.
 */
public final class LedgerTransaction {
  private record Held(long id, BigInteger balance) {}

  private final Tx tx;
  private final Ids ids;
  private final Set<AccountRef> opened;
  private final Map<AccountRef, Held> held = new HashMap<>();
  private final Map<String, String> booked = new HashMap<>();
  private final Map<String, Journal> unwritten = new LinkedHashMap<>();

  LedgerTransaction(Tx tx, Ids ids, Set<AccountRef> opened) {
    this.tx = tx;
    this.ids = ids;
    this.opened = opened;
  }

  /** For rows that must commit together with the journals. */
  public Tx tx() {
    return tx;
  }

  /** Opens the accounts where needed and holds them until the transaction ends. */
  public void lock(Collection<AccountRef> accounts) {
    List<AccountRef> wanted =
        accounts.stream().distinct().filter(a -> !held.containsKey(a)).toList();
    if (wanted.isEmpty()) {
      return;
    }
    open(wanted.stream().filter(a -> !opened.contains(a)).toList());
    String[] owners = wanted.stream().map(AccountRef::owner).toArray(String[]::new);
    String[] kinds = wanted.stream().map(a -> a.kind().wireName()).toArray(String[]::new);
    List<Row> rows =
        tx.query(
            """
            select a.id, a.owner, a.kind, a.balance from account a
            join unnest($1::text[], $2::text[]) w(owner, kind)
              on a.owner = w.owner and a.kind = w.kind
            order by a.id for update of a""",
            owners,
            kinds);
    for (Row row : rows) {
      AccountKind kind =
          AccountKind.valueOf(row.getString("kind").toUpperCase(java.util.Locale.ROOT));
      held.put(
          new AccountRef(row.getString("owner"), kind),
          new Held(row.getLong("id"), row.getBigDecimal("balance").toBigIntegerExact()));
    }
  }

  /** Makes sure that accounts exist; those seen before are not looked for again. */
  private void open(List<AccountRef> accounts) {
    if (accounts.isEmpty()) {
      return;
    }
    tx.change(
        """
        insert into account (owner, kind, currency)
        select w.owner, w.kind, w.currency
        from unnest($1::text[], $2::text[], $3::text[]) w(owner, kind, currency)
        where not exists (select 1 from account a where a.owner = w.owner and a.kind = w.kind)
        order by w.owner, w.kind
        on conflict do nothing""",
        accounts.stream().map(AccountRef::owner).toArray(String[]::new),
        accounts.stream().map(a -> a.kind().wireName()).toArray(String[]::new),
        accounts.stream().map(a -> a.kind().currency()).toArray(String[]::new));
  }

  /** Looks business keys up; only after the locks that guard them. */
  public void know(Collection<String> businessKeys) {
    tx.query(
            "select business_key, id from journal where business_key = any($1)",
            (Object) businessKeys.toArray(String[]::new))
        .forEach(row -> booked.put(row.getString("business_key"), row.getString("id")));
  }

  public BigInteger balance(AccountRef account) {
    return held(account).balance();
  }

  /** Accounts this transaction holds; after its commit they are known to exist. */
  Set<AccountRef> accounts() {
    return held.keySet();
  }

  /** The balance of an account in dollars. */
  public NanoUsd dollars(AccountRef account) {
    return NanoUsd.ofNanos(balance(account).longValueExact());
  }

  /** Books a journal whose business key was looked up with {@link #know}. */
  public PostingResult book(Journal journal) {
    String before = booked.get(journal.businessKey());
    if (before != null) {
      return new PostingResult.AlreadyBooked(before);
    }
    Map<AccountRef, BigInteger> after = new HashMap<>();
    for (Posting line : journal.postings()) {
      after.merge(line.account(), line.amount(), BigInteger::add);
    }
    for (Map.Entry<AccountRef, BigInteger> change : after.entrySet()) {
      Held account = held(change.getKey());
      change.setValue(account.balance().add(change.getValue()));
      if (!change.getKey().kind().allows(change.getValue())) {
        return new PostingResult.InsufficientBalance(change.getKey(), account.balance());
      }
    }
    after.forEach((account, balance) -> held.put(account, new Held(held(account).id(), balance)));
    String id = ids.next(IdKind.JOURNAL);
    booked.put(journal.businessKey(), id);
    unwritten.put(id, journal);
    return new PostingResult.Booked(id);
  }

  /** Writes what was booked; rows that refer to a journal come after. */
  public void write() {
    send().forEach(Tx.Sent::rows);
  }

  /** As {@link #write}, without waiting: the commit does. */
  public List<Tx.Sent> send() {
    if (unwritten.isEmpty()) {
      return List.of();
    }
    List<Tx.Sent> sent = new ArrayList<>();
    sent.add(insertJournals());
    insertPostings().ifPresent(sent::add);
    unwritten.clear();
    return sent;
  }

  private Tx.Sent insertJournals() {
    List<Journal> journals = List.copyOf(unwritten.values());
    return tx.send(
        """
        insert into journal (id, business_key, kind, tenant_id, description, occurred_at)
        select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[],
          $6::timestamptz[])""",
        unwritten.keySet().toArray(String[]::new),
        journals.stream().map(Journal::businessKey).toArray(String[]::new),
        journals.stream().map(Journal::kind).toArray(String[]::new),
        journals.stream().map(j -> j.tenantId().orElse(null)).toArray(String[]::new),
        journals.stream().map(Journal::description).toArray(String[]::new),
        journals.stream()
            .map(j -> j.occurredAt().atOffset(ZoneOffset.UTC))
            .toArray(java.time.OffsetDateTime[]::new));
  }

  private Optional<Tx.Sent> insertPostings() {
    List<String> journalIds = new ArrayList<>();
    List<Long> accounts = new ArrayList<>();
    List<String> currencies = new ArrayList<>();
    List<String> amounts = new ArrayList<>();
    unwritten.forEach(
        (id, journal) -> {
          for (Posting line : journal.postings()) {
            journalIds.add(id);
            accounts.add(held(line.account()).id());
            currencies.add(line.account().kind().currency());
            amounts.add(line.amount().toString());
          }
        });
    if (journalIds.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        tx.send(
            """
        insert into posting (journal_id, account_id, currency, amount)
        select j, a, c, m::numeric
        from unnest($1::text[], $2::bigint[], $3::text[], $4::text[]) p(j, a, c, m)""",
            journalIds.toArray(String[]::new),
            accounts.toArray(Long[]::new),
            currencies.toArray(String[]::new),
            amounts.toArray(String[]::new)));
  }

  private Held held(AccountRef account) {
    Held row = held.get(account);
    if (row == null) {
      throw new IllegalStateException("account " + account + " was not locked first");
    }
    return row;
  }
}
