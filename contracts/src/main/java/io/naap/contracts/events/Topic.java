package io.naap.contracts.events;

import java.util.Set;

/**
 * A Redis Stream that services publish to from their outbox. The type states what the loss of an
 * entry means, so that whoever adds a topic has to decide it.
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
   * A stream whose events are the only record of money that the consumer has to book. An outbox row
   * stays until every consumer group has acknowledged that its database committed the event; an
   * entry that Redis lost is published again.
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
   * A stream whose events tell readers to look something up again, for example to drop a cached
   * key. A reader that missed events while Redis was unreachable looks everything up again. An
   * outbox row is deleted once Redis has the event.
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
