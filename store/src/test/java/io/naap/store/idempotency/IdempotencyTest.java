package io.naap.store.idempotency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.naap.contracts.identity.Caller;
import io.naap.contracts.problem.Refusal;
import io.naap.contracts.testing.Stores;
import io.naap.store.Transactions;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
class IdempotencyTest {
  private static final Caller SOMEBODY =
      new Caller(
          "usr_1",
          Optional.empty(),
          Set.of(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());

  @Inject Idempotency idempotency;
  @Inject Transactions transactions;

  private final String key = UUID.randomUUID().toString();
  private final AtomicInteger effects = new AtomicInteger();

  @Test
  void theSecondTimeGivesTheFirstAnswerAndHasNoEffect() {
    Idempotency.Answer first = post(key, "a");
    Idempotency.Answer second = post(key, "a");

    assertThat(second).isEqualTo(first).isEqualTo(new Idempotency.Answer(201, "effect 1"));
    assertThat(effects).hasValue(1);
  }

  /** As rows were written before keys were hashed: money must not move twice across an update. */
  @Test
  void aKeyRememberedInTheClearGivesItsAnswerAgain() {
    post(key, "a");
    transactions.run(
        tx ->
            tx.change(
                "update idempotency set key = $1, body = 'as it was given'"
                    + " where created_at = (select max(created_at) from idempotency)",
                key));

    assertThat(post(key, "a").body()).isEqualTo("as it was given");
    assertThat(effects).hasValue(1);
  }

  @Test
  void anotherBodyUnderTheSameKeyIsRefused() {
    post(key, "a");

    assertThatThrownBy(() -> post(key, "b")).hasMessage("idempotency_key_reused");
    assertThat(effects).hasValue(1);
  }

  @Test
  void anEffectThatFailedMayBeTriedAgain() {
    assertThatThrownBy(
            () ->
                transactions.run(
                    tx ->
                        idempotency.once(
                            tx,
                            SOMEBODY,
                            "POST /things",
                            key,
                            Map.of("name", "a"),
                            () -> {
                              throw new IllegalStateException("no");
                            })))
        .hasMessage("no");

    assertThat(post(key, "a").body()).isEqualTo("effect 1");
  }

  @Test
  void aCallInFlightKeepsTheSecondOneOut() {
    transactions.run(
        tx ->
            idempotency.once(
                tx,
                SOMEBODY,
                "POST /things",
                key,
                Map.of("name", "a"),
                () -> {
                  assertThatThrownBy(() -> post(key, "a")).hasMessage("idempotency_in_flight");
                  return new Idempotency.Answer(201, "");
                }));

    assertThat(effects).hasValue(0);
  }

  @Test
  void aMovementOfMoneyWithoutAKeyIsRefused() {
    assertThatThrownBy(() -> post(null, "a")).hasMessage("idempotency_key_missing");
    assertThatThrownBy(() -> post("two words", "a")).isInstanceOf(Refusal.RefusedException.class);
    assertThat(effects).hasValue(0);
  }

  private Idempotency.Answer post(String under, String name) {
    return transactions.run(
        tx ->
            idempotency.once(
                tx,
                SOMEBODY,
                "POST /things",
                under,
                Map.of("name", name),
                () -> new Idempotency.Answer(201, "effect " + effects.incrementAndGet())));
  }
}
