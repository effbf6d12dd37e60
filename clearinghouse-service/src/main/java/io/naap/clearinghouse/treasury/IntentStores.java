package io.naap.clearinghouse.treasury;

import io.naap.clearinghouse.wallet.Wallet;
import io.naap.contracts.ids.Ids;
import io.naap.store.Transactions;
import jakarta.inject.Singleton;
import java.time.Clock;

/** The stored intents of each wallet. */
@Singleton
class IntentStores {
  private final Transactions transactions;
  private final Ids ids;
  private final Clock clock;

  IntentStores(Transactions transactions, Ids ids, Clock clock) {
    this.transactions = transactions;
    this.ids = ids;
    this.clock = clock;
  }

  IntentStore of(Wallet wallet) {
    return new IntentStore(transactions, ids, clock, wallet.address());
  }
}
