package io.naap.clearinghouse.ledger;

import io.naap.store.Tx;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Verifies the ledger from the postings alone: balances, zero sums, bounds, nonces, caps, and the
 * hash chain from its origin. Each rule is a query for the ids of rows that break it; it must find
 * none.
 */
@ApplicationScoped
public class Verifier {
  private static final int PAGE = 2_000;
  private static final int MOST_COUNTED = 100;
  private static final int EXAMPLES = 5;

  private static final Map<String, String> RULES = new LinkedHashMap<>();

  static {
    RULES.put(
        "every journal sums to zero in each currency",
        "select journal_id id from posting group by journal_id, currency having sum(amount) <> 0");
    RULES.put(
        "every balance is the sum of its postings",
        """
        select a.owner || ' ' || a.kind id from account a where a.balance <>
          coalesce((select sum(p.amount) from posting p where p.account_id = a.id), 0)""");
    RULES.put(
        "all balances of a currency sum to zero",
        "select currency id from account group by currency having sum(balance) <> 0");
    RULES.put(
        "no account is beyond its bound",
        """
        select owner || ' ' || kind id from account where
          (kind in ('credit', 'set_aside', 'held', 'sponsor_budget', 'network_spent') and balance < 0)
          or (kind in ('owed', 'sponsor_owed', 'tickets_issued') and balance > 0)""");
    RULES.put(
        "every charge is in a journal of its tenant, which earns what its charges come to",
        """
        select c.journal_id id from charge c left join journal j on j.id = c.journal_id
        group by c.journal_id, j.kind, j.tenant_id
        having j.kind is distinct from 'charge' or min(c.tenant_id) is distinct from j.tenant_id
          or max(c.tenant_id) is distinct from j.tenant_id
          or sum(c.amount + c.sponsored) <> (select coalesce(sum(p.amount), 0) from posting p
            join account a on a.id = p.account_id where p.journal_id = c.journal_id and a.kind = 'revenue')""");
    RULES.put(
        "a funding holds no more than was ever set aside",
        """
        select f.id from funding f join account a on a.owner = f.id and a.kind = 'set_aside'
        where a.balance > f.total""");
    RULES.put(
        "no nonce is in two batches",
        """
        select encode(b.recipient_rand_hash, 'hex') || ' ' || b.first_nonce id
        from (select recipient_rand_hash, first_nonce,
            lag(last_nonce, 1, 0) over (partition by recipient_rand_hash order by first_nonce) before
          from ticket_batch) b where b.first_nonce <= b.before""");
    RULES.put(
        "no nonce was given out above its secret's last",
        """
        select b.id::text id from ticket_batch b join recipient_nonce n using (recipient_rand_hash)
        where b.last_nonce > n.last_nonce""");
    RULES.put(
        "a session's spending is its batches'",
        """
        select s.state_id id from signer_session s where s.spent <>
          (select coalesce(sum(b.expected_value), 0) from ticket_batch b where b.state_id = s.state_id)
          and s.opened_at >= (select min(starts_at) from signer_spend)""");
    RULES.put(
        "the ledger has every booked ticket's value",
        """
        select k.journal_id id from ticket_booking k join journal j on j.id = k.journal_id
        join ticket_batch b on b.id = k.batch_id where j.kind = 'tickets'
        group by k.journal_id having sum(b.expected_value) <>
          (select sum(p.amount) from posting p where p.journal_id = k.journal_id and p.amount > 0)""");
    RULES.put("an invoice is paid at most what it asks", "select id from invoice where paid > due");
    RULES.put(
        "a reversal undoes exactly its journal",
        """
        select r.journal_id id from journal_reversal r where exists (
          select 1 from posting p join account a on a.id = p.account_id
            left join funding f on f.id = a.owner and a.kind = 'set_aside'
          where p.journal_id in (r.journal_id, r.reversed_by)
          group by case when a.kind = 'credit' then 'money of ' || a.owner
            when f.id is not null then 'money of ' || f.tenant_id else a.id::text end
          having sum(p.amount) <> 0)""");
    RULES.put(
        "a job is given back at most what it was charged",
        """
        select r.usage_event_id id from job_refund r join charge c using (usage_event_id)
        where r.amount > c.amount or r.sponsored > c.sponsored""");
    RULES.put(
        "metering and the ledger agree on every charge",
        """
        select usage_event_id id from charge_difference where healed_at is null""");
    RULES.put(
        "the ledger has all that metering has charged",
        """
        select 'charged from ' || span_from || ' to ' || span_to id from charge_span
        where arrived_at < now() - interval '30 seconds'""");
  }

  private final Ledger ledger;

  Verifier(Ledger ledger) {
    this.ledger = ledger;
  }

  /**
   * A rule, and the rows that break it.
   *
   * @param violations at most a hundred are counted
   * @param examples ids of the first of them: journals, accounts (owner and kind), batches
   */
  public record Rule(String name, long violations, List<String> examples) {
    public Rule {
      examples = List.copyOf(examples);
    }
  }

  /**
   * The outcome of a verification.
   *
   * @param sealed the number of journals in the chain
   * @param head the last hash of the chain, hexadecimal
   * @param unsealed journals that wait for their seal
   */
  public record Verification(
      boolean ok, List<Rule> rules, long sealed, String head, long unsealed) {
    public Verification {
      rules = List.copyOf(rules);
    }
  }

  /** Checks all rules and the whole chain; may take minutes. */
  public Verification verify() {
    List<Rule> rules = new ArrayList<>();
    RULES.forEach((name, sql) -> rules.add(ledger.read(tx -> rule(tx, name, sql))));
    byte[] hash = JournalHashChain.ORIGIN;
    long position = 0;
    List<String> broken = new ArrayList<>();
    List<Row> page;
    do {
      long from = position;
      page = ledger.read(tx -> page(tx, from));
      for (Row row : page) {
        hash = JournalHashChain.next(hash, row.getString("text"));
        position++;
        boolean right =
            row.getLong("position") == position
                && Arrays.equals(hash, row.getBuffer("hash").getBytes());
        if (!right && broken.size() < MOST_COUNTED) {
          broken.add(row.getString("journal_id"));
        }
        hash = row.getBuffer("hash").getBytes();
        position = row.getLong("position");
      }
    } while (page.size() == PAGE);
    rules.add(
        new Rule(
            "the hash chain is whole",
            broken.size(),
            broken.subList(0, Math.min(EXAMPLES, broken.size()))));
    long unsealed =
        ledger.read(
            tx -> tx.one("select count(*) n from journal_unsealed").orElseThrow().getLong("n"));
    return new Verification(
        rules.stream().allMatch(rule -> rule.violations() == 0),
        rules,
        position,
        HexFormat.of().formatHex(hash),
        unsealed);
  }

  private static Rule rule(Tx tx, String name, String sql) {
    List<String> ids =
        tx
            .query("select id::text id from (" + sql + ") broken order by 1 limit " + MOST_COUNTED)
            .stream()
            .map(row -> row.getString("id"))
            .toList();
    return new Rule(name, ids.size(), ids.subList(0, Math.min(EXAMPLES, ids.size())));
  }

  private static List<Row> page(Tx tx, long from) {
    return tx.query(
        "select s.position, s.journal_id, s.hash, "
            + JournalHashChain.COLUMNS
            + " from journal_seal s join journal j on j.id = s.journal_id"
            + " where s.position > $1 order by s.position limit "
            + PAGE,
        from);
  }
}
