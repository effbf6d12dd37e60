package io.naap.clearinghouse.treasury;

import io.naap.clearinghouse.chain.JsonRpc;
import io.naap.clearinghouse.ledger.AccountKind;
import io.naap.clearinghouse.ledger.AccountRef;
import io.naap.clearinghouse.ledger.Journal;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.ledger.PostingResult;
import io.naap.clearinghouse.ledger.Postings;
import io.naap.clearinghouse.wallet.Address;
import io.naap.store.Tx;
import java.io.IOException;
import java.math.BigInteger;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Compares the ether of our wallets with the ledger. A wallet is opened with what it has; from then
 * on the ledger books only what our own intents moved, so ether that anybody else moved shows as a
 * difference.
 */
final class WalletReconciliation {
  private static final Logger LOG = Logger.getLogger(WalletReconciliation.class);

  private final Ledger ledger;
  private final JsonRpc node;
  private final Clock clock;

  WalletReconciliation(Ledger ledger, JsonRpc node, Clock clock) {
    this.ledger = ledger;
    this.node = node;
    this.clock = clock;
  }

  /**
   * A wallet, compared while no intent was under way.
   *
   * @param unexplained what the chain has more than the ledger, in wei
   */
  record Compared(String role, Address wallet, BigInteger unexplained, Instant at) {}

  /**
   * What Postgres has. When it is the same before and after the chain is asked, nothing moved
   * meanwhile.
   *
   * @param underWay the number of intents that may or may not show in the chain's balances
   * @param intents the number of intents ever planned
   */
  private record Quiet(long underWay, long intents, List<BigInteger> booked) {}

  /**
   * Compares each wallet; while an intent is under way the last comparison stays.
   *
   * @param wallets by role
   */
  List<Compared> compare(Map<String, Address> wallets, List<Compared> before)
      throws IOException, InterruptedException {
    List<Address> addresses = wallets.values().stream().distinct().toList();
    Quiet first = ledger.read(tx -> quiet(tx, addresses));
    if (first.underWay() > 0) {
      return before;
    }
    List<BigInteger> there = new ArrayList<>();
    for (Address address : addresses) {
      there.add(node.balance(address));
    }
    if (!ledger.read(tx -> quiet(tx, addresses)).equals(first)) {
      return before;
    }
    List<Compared> now = new ArrayList<>();
    wallets.forEach(
        (role, address) -> {
          int at = addresses.indexOf(address);
          if (open(address, there.get(at))) {
            now.add(
                new Compared(
                    role,
                    address,
                    there.get(at).subtract(first.booked().get(at)),
                    clock.instant()));
          }
        });
    now.forEach(one -> tell(one, before));
    return now;
  }

  private static Quiet quiet(Tx tx, List<Address> addresses) {
    List<BigInteger> booked = new ArrayList<>();
    for (Address address : addresses) {
      booked.add(
          tx.one(
                  "select balance from account where owner = $1 and kind = $2",
                  address.lowerCase(),
                  AccountKind.WALLET.wireName())
              .map(row -> row.getBigDecimal("balance").toBigIntegerExact())
              .orElse(BigInteger.ZERO));
    }
    return tx.one(
            """
            select count(*) n, count(*) filter (where status in ('signed', 'sent', 'confirmed')
                or (status in ('final', 'reverted') and gas_paid is not null
                  and not exists (select 1 from intent_gas g where g.intent_id = i.id))
                or (status = 'final' and value > 0
                  and not exists (select 1 from intent_value v where v.intent_id = i.id))
                or (status = 'final' and kind = 'swap'
                  and not exists (select 1 from intent_booking b where b.intent_id = i.id))) under_way
            from intent i""")
        .map(row -> new Quiet(row.getLong("under_way"), row.getLong("n"), booked))
        .orElseThrow();
  }

  /** Opens a wallet that the ledger does not know; false then: it is compared in the next round. */
  private boolean open(Address wallet, BigInteger there) {
    String key = "wallet_opening:" + wallet.lowerCase();
    AccountRef own = AccountRef.ether(wallet.lowerCase(), AccountKind.WALLET);
    AccountRef funded = AccountRef.ether(wallet.lowerCase(), AccountKind.FUNDED);
    if (ledger
        .read(tx -> tx.one("select 1 from journal where business_key = $1", key))
        .isPresent()) {
      return true;
    }
    PostingResult opened =
        ledger.transact(
            books -> {
              books.lock(List.of(own, funded));
              books.know(List.of(key));
              BigInteger more = there.subtract(books.balance(own));
              return books.book(
                  new Journal(
                      key,
                      "wallet_opening",
                      Optional.empty(),
                      clock.instant(),
                      there + " wei in the wallet",
                      new Postings().add(own, more).add(funded, more.negate()).list()));
            });
    LOG.infof("a wallet is opened in the ledger, wallet=%s: %s", wallet, opened);
    return false;
  }

  private static void tell(Compared now, List<Compared> before) {
    boolean told =
        before.stream()
            .anyMatch(
                one ->
                    one.role().equals(now.role()) && one.unexplained().equals(now.unexplained()));
    if (!told && now.unexplained().signum() != 0) {
      LOG.errorf(
          "ether came or went without an intent of ours, wallet=%s role=%s wei=%s",
          now.wallet(), now.role(), now.unexplained());
    }
  }
}
