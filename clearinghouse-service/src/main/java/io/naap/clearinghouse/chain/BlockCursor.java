package io.naap.clearinghouse.chain;

import io.naap.store.Tx;
import java.math.BigInteger;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.Optional;

/**
 * The last block that a reader of the chain has booked, in Postgres. It moves in the transaction
 * that books what the blocks hold, so no event is booked twice or left out, and only one instance
 * books a block.
 */
public final class BlockCursor {
  private final String name;
  private final Clock clock;

  public BlockCursor(String name, Clock clock) {
    this.name = name;
    this.clock = clock;
  }

  /** The last booked block; absent before the first. */
  public Optional<Long> block(Tx tx) {
    return tx.one("select block from chain_cursor where name = $1", name)
        .map(row -> row.getLong("block"));
  }

  /** Begins at a block, unless the cursor exists. */
  public void open(Tx tx, BigInteger block) {
    tx.change(
        "insert into chain_cursor (name, block, updated_at) values ($1, $2, $3)"
            + " on conflict do nothing",
        name,
        block.longValueExact(),
        clock.instant().atOffset(ZoneOffset.UTC));
  }

  /** Locks the cursor; false when another instance has moved it from {@code expected}. */
  public boolean isAt(Tx tx, long expected) {
    return tx.one("select block from chain_cursor where name = $1 for update", name)
            .orElseThrow()
            .getLong("block")
        == expected;
  }

  public void move(Tx tx, BigInteger to) {
    tx.change(
        "update chain_cursor set block = $2, updated_at = $3 where name = $1",
        name,
        to.longValueExact(),
        clock.instant().atOffset(ZoneOffset.UTC));
  }
}
