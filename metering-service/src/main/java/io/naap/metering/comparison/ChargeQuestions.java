package io.naap.metering.comparison;

import io.naap.contracts.events.ChargesAsked;
import io.naap.contracts.events.Topics;
import io.naap.contracts.json.Json;
import io.naap.metering.correction.SentAgain;
import io.naap.metering.inbox.Inbox;
import io.naap.metering.inbox.Subscription;
import io.naap.store.Tx;
import io.naap.store.outbox.Outbox;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Takes the ledger's requests from Redis: to list the charges of a time span, or to send given
 * charges again.
 */
@ApplicationScoped
class ChargeQuestions implements Subscription<ChargesAsked> {
  private final SentAgain sentAgain;
  private final Outbox outbox;

  ChargeQuestions(SentAgain sentAgain, Outbox outbox) {
    this.sentAgain = sentAgain;
    this.outbox = outbox;
  }

  @Override
  public String topic() {
    return Topics.CHARGE_QUESTIONS;
  }

  @Override
  public List<ChargesAsked> read(String payload) {
    ChargesAsked asked = Json.read(payload, ChargesAsked.class);
    boolean complete =
        Stream.of(asked.eventId(), asked.from(), asked.to()).allMatch(Objects::nonNull);
    if (!complete || asked.sendAgain().size() > ChargesAsked.MOST) {
      throw new IllegalArgumentException("the question is incomplete");
    }
    return List.of(asked);
  }

  @Override
  public void take(Tx tx, List<ChargesAsked> questions) {
    for (ChargesAsked asked : questions) {
      if (!Inbox.isNew(tx, asked.eventId())) {
        continue;
      }
      if (asked.sendAgain().isEmpty()) {
        tx.change(
            "insert into charge_question (event_id, span_from, span_to) values ($1, $2, $3)"
                + " on conflict do nothing",
            asked.eventId(),
            ChargeSums.time(asked.from()),
            ChargeSums.time(asked.to()));
      } else {
        sentAgain.send(tx, asked.sendAgain());
      }
    }
  }

  @Override
  public void done() {
    outbox.poke();
  }
}
