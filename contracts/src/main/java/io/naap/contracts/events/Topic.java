package io.naap.contracts.events;

import java.util.Set;

/**
 * A Redis Stream that services publish to from their outbox. Its type says what losing an entry
 * would mean, so whoever adds a topic has to decide it.
 */
public sealed interface Topic {
  Announcement KEYS = new Announcement(Topics.KEYS);
  Announcement TENANTS = new Announcement(Topics.TENANTS);
  Announcement PLANS = new Announcement(Topics.PLANS);
  Announcement USAGE_COMMITTED = new Announcement(Topics.USAGE_COMMITTED);

  Money CHARGES = new Money(Topics.CHARGES, Set.of(Consumers.CLEARINGHOUSE));
  Money FEES = new Money(Topics.FEES, Set.of(Consumers.CLEARINGHOUSE));
  Money INVOICES = new Money(Topics.INVOICES, Set.of(Consumers.CLEARINGHOUSE));
  Money TOP_UPS = new Money(Topics.TOP_UPS, Set.of(Consumers.CLEARINGHOUSE));
  Money INVOICE_PAYMENTS = new Money(Topics.INVOICE_PAYMENTS, Set.of(Consumers.METERING));
  Money BALANCES = new Money(Topics.BALANCES, Set.of(Consumers.METERING));
  Money NETWORK_COSTS = new Money(Topics.NETWORK_COSTS, Set.of(Consumers.METERING));

  Money CHARGE_SUMS = new Money(Topics.CHARGE_SUMS, Set.of(Consumers.CLEARINGHOUSE));
  Money CHARGE_LISTS = new Money(Topics.CHARGE_LISTS, Set.of(Consumers.CLEARINGHOUSE));
  Money CHARGE_QUESTIONS = new Money(Topics.CHARGE_QUESTIONS, Set.of(Consumers.METERING));

  /** Name of the Redis Stream. */
  String stream();

  /**
   * Its events are the only record of money that the consumer has to book. A row of the outbox
   * stays until the database of every consumer group has committed it; what Redis lost is sent
   * again.
   */
  final class Money implements Topic {
    private final String stream;
    private final Set<String> consumers;

    public Money(String stream, Set<String> consumers) {
      if (consumers.isEmpty()) {
        throw new IllegalArgumentException("money needs a consumer that acknowledges it");
      }
      this.stream = stream;
      this.consumers = Set.copyOf(consumers);
    }

    @Override
    public String stream() {
      return stream;
    }

    public Set<String> consumers() {
      return consumers;
    }
  }

  /**
   * Its events tell readers to look something up again, for example to drop a cached key. A reader
   * that missed some, because Redis was away, looks everything up again. A row of the outbox goes
   * once Redis has it.
   */
  final class Announcement implements Topic {
    private final String stream;

    public Announcement(String stream) {
      this.stream = stream;
    }

    @Override
    public String stream() {
      return stream;
    }
  }

  /** Names of consumer groups. */
  final class Consumers {
    public static final String CLEARINGHOUSE = "clearinghouse";
    public static final String METERING = "metering";

    private Consumers() {}
  }
}
