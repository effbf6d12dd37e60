package io.naap.clearinghouse.usdc;

import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.wallet.Address;
import io.naap.clearinghouse.wallet.ExtendedKey;
import io.naap.store.Tx;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.math.BigInteger;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The tenants' own addresses for USDC, derived from the configured extended public key. */
@ApplicationScoped
public class DepositAddresses {
  /** Any number, the same in every instance: one address is made at a time. */
  private static final long ADDRESS_LOCK = 8503;

  private final Ledger ledger;
  private final Clock clock;

  /** The account's external chain, {@code m/44'/60'/0'/0}; absent when USDC is not accepted. */
  private final Optional<ExtendedKey> receiving;

  DepositAddresses(UsdcConfig config, Ledger ledger, Clock clock) {
    this.ledger = ledger;
    this.clock = clock;
    this.receiving = config.xpub().map(xpub -> ExtendedKey.parse(xpub).child(0));
  }

  /**
   * USDC that was credited and has not left its address, in millionths.
   *
   * @param index of the address under the receiving chain of the account
   */
  public record Waiting(int index, Address address, String tenantId, BigInteger amount) {}

  /** True when USDC is accepted. */
  boolean isOn() {
    return receiving.isPresent();
  }

  /** A tenant's address, derived when it is first asked for; absent when USDC is not accepted. */
  Optional<String> of(String tenantId) {
    return receiving.map(chain -> ledger.read(tx -> of(tx, chain, tenantId)));
  }

  private String of(Tx tx, ExtendedKey chain, String tenantId) {
    tx.query("select pg_advisory_xact_lock($1)", ADDRESS_LOCK);
    Optional<Row> known =
        tx.one("select address from deposit_address where tenant_id = $1", tenantId);
    if (known.isPresent()) {
      return known.get().getString("address");
    }
    int index =
        tx.one("select coalesce(max(derivation_index) + 1, 0) n from deposit_address")
            .orElseThrow()
            .getInteger("n");
    String address = chain.child(index).address().toString();
    tx.change(
        "insert into deposit_address (tenant_id, derivation_index, address, created_at)"
            + " values ($1, $2, $3, $4)",
        tenantId,
        index,
        address,
        clock.instant().atOffset(ZoneOffset.UTC));
    return address;
  }

  /** The tenants by address, in lower case. */
  Map<String, String> tenants() {
    Map<String, String> tenants = new HashMap<>();
    ledger
        .read(tx -> tx.query("select tenant_id, address from deposit_address"))
        .forEach(
            row ->
                tenants.put(
                    Address.parse(row.getString("address")).lowerCase(),
                    row.getString("tenant_id")));
    return tenants;
  }

  /** Addresses at which at least so much waits, the most first. */
  public List<Waiting> waiting(BigInteger least, int most) {
    return ledger.read(
        tx ->
            tx
                .query(
                    """
                    select a.derivation_index, a.address, a.tenant_id, d.received - coalesce(s.sent, 0) waits
                    from deposit_address a
                    join (select tenant_id, sum(amount) received from usdc_deposit group by tenant_id) d
                      on d.tenant_id = a.tenant_id
                    left join (select tenant_id, sum(amount) sent from usdc_sweep group by tenant_id) s
                      on s.tenant_id = a.tenant_id
                    where d.received - coalesce(s.sent, 0) >= $1::text::numeric
                    order by waits desc, a.derivation_index limit $2""",
                    least.toString(),
                    most)
                .stream()
                .map(
                    row ->
                        new Waiting(
                            row.getInteger("derivation_index"),
                            Address.parse(row.getString("address")),
                            row.getString("tenant_id"),
                            row.getBigDecimal("waits").toBigIntegerExact()))
                .toList());
  }
}
