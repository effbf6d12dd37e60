package io.naap.clearinghouse.signer.stock;

import com.fasterxml.jackson.databind.JsonNode;
import io.naap.clearinghouse.ledger.AccountRef;
import io.naap.clearinghouse.ledger.Journal;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.ledger.LedgerTransaction;
import io.naap.clearinghouse.ledger.Postings;
import io.naap.clearinghouse.price.EtherPrice;
import io.naap.clearinghouse.signer.config.SignerConfig;
import io.naap.clearinghouse.signer.killswitch.KillSwitches;
import io.naap.clearinghouse.signer.tickets.HoldRenewal;
import io.naap.clearinghouse.signer.tokens.SignerCaller;
import io.naap.clearinghouse.signer.tokens.SignerCallers;
import io.naap.clearinghouse.signer.tokens.SignerTokens;
import io.naap.contracts.identity.Trust;
import io.naap.contracts.money.NanoUsd;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Decides whether a stock go-livepeer signer may sign. Its question holds neither the fee nor the
 * number of tickets, so the fee is computed from the time since the session's last question and the
 * session's first price. A question that is repeated is charged once.
 */
@ApplicationScoped
class StockSigner {
  private final Ledger ledger;
  private final SignerConfig config;
  private final SignerCallers callers;
  private final SignerTokens tokens;
  private final Trust trust;
  private final EtherPrice etherPrice;
  private final NanoUsd hold;
  private final Clock clock;

  StockSigner(
      Ledger ledger,
      SignerConfig config,
      SignerTokens tokens,
      Trust trust,
      EtherPrice etherPrice,
      Clock clock) {
    this.ledger = ledger;
    this.config = config;
    this.callers = new SignerCallers(config.callers());
    this.tokens = tokens;
    this.trust = trust;
    this.etherPrice = etherPrice;
    this.hold = NanoUsd.rounded(config.holdUsd());
    this.clock = clock;
  }

  /** The answer to a question. */
  sealed interface Verdict {
    /**
     * The signer may sign.
     *
     * @param authId names the payer of the session
     */
    record Allowed(String authId) implements Verdict {}

    record Refused(int status, String reason) implements Verdict {}
  }

  Verdict decide(JsonNode question) {
    Optional<SignerCaller> caller = caller(question.path("headers"));
    if (caller.isEmpty()) {
      return new Verdict.Refused(401, "send the caller's token as a bearer token");
    }
    if (caller.get().tenant().filter(trust::isSuspended).isPresent()) {
      return new Verdict.Refused(403, "the tenant is suspended");
    }
    Optional<StockQuestion> asked = StockQuestion.read(question.path("state"));
    if (asked.isEmpty()) {
      return new Verdict.Refused(400, "the state is not understood");
    }
    if (!asked.get().isLive()) {
      // The question does not tell what a job of another type costs.
      return new Verdict.Refused(403, "only live jobs are paid for here");
    }
    if (isDenied(asked.get().orchestrator())) {
      return new Verdict.Refused(403, "the orchestrator may not be paid");
    }
    return ledger.transact(transaction -> decide(transaction, caller.get(), asked.get()));
  }

  private boolean isDenied(String orchestrator) {
    return config
        .deniedOrchestrators()
        .map(denied -> denied.stream().anyMatch(orchestrator::equalsIgnoreCase))
        .orElse(false);
  }

  private Optional<SignerCaller> caller(JsonNode headers) {
    for (Map.Entry<String, JsonNode> header : headers.properties()) {
      if ("authorization".equalsIgnoreCase(header.getKey())) {
        Optional<SignerCallers.Credential> shown =
            SignerCallers.read(header.getValue().path(0).asText(null));
        return shown.flatMap(callers::find).or(() -> shown.flatMap(this::tokenOwner));
      }
    }
    return Optional.empty();
  }

  private Optional<SignerCaller> tokenOwner(SignerCallers.Credential shown) {
    return shown.token().startsWith(SignerTokens.PREFIX)
        ? tokens.remembered(shown.token()).orElseGet(() -> tokens.find(shown.token()))
        : Optional.empty();
  }

  private Verdict decide(LedgerTransaction transaction, SignerCaller caller, StockQuestion asked) {
    Instant now = clock.instant();
    if (KillSwitches.read(KillSwitches.send(transaction.tx()).rows())
        .stop(caller, asked.orchestrator())) {
      return new Verdict.Refused(403, "signing is stopped");
    }
    Optional<Row> known =
        transaction
            .tx()
            .one("select * from stock_session where state_id = $1 for update", asked.stateId());
    if (known.isPresent() && !known.get().getString("caller").equals(caller.name())) {
      return new Verdict.Refused(403, "the session belongs to another caller");
    }
    Verdict allowed = new Verdict.Allowed(authId(caller, asked));
    if (known.isPresent() && known.get().getLong("sequence") >= asked.sequence()) {
      // A question for the last state is a repetition, and its payment was charged. An older state
      // is a fork of the session.
      return known.get().getLong("sequence") == asked.sequence()
          ? allowed
          : new Verdict.Refused(400, "the state was used before");
    }
    Duration elapsed =
        known
            .map(row -> Duration.between(row.getOffsetDateTime("last_update").toInstant(), now))
            .orElse(Duration.ZERO);
    BigInteger fee = asked.fee(elapsed);
    NanoUsd cost = NanoUsd.ZERO;
    if (caller.tenant().isPresent()) {
      Optional<NanoUsd> priced = etherPrice.charged(new BigDecimal(fee), config.markup());
      if (priced.isEmpty()) {
        return new Verdict.Refused(503, "the price of ether is unknown");
      }
      cost = priced.get();
      if (!pay(transaction, caller.tenant().get(), asked, cost, now)) {
        return new Verdict.Refused(402, "the tenant's balance is too low");
      }
    }
    record(transaction, caller, asked, fee, cost, now);
    return allowed;
  }

  private static String authId(SignerCaller caller, StockQuestion asked) {
    return caller.tenant().orElse(caller.name()) + ":" + asked.stateId();
  }

  private boolean pay(
      LedgerTransaction transaction,
      String tenant,
      StockQuestion asked,
      NanoUsd cost,
      Instant now) {
    AccountRef credit = AccountRef.credit(tenant);
    AccountRef held = AccountRef.held(asked.stateId());
    AccountRef revenue = AccountRef.revenue(tenant);
    transaction.lock(List.of(credit));
    transaction.lock(List.of(held, revenue));
    Optional<NanoUsd> renewal =
        HoldRenewal.of(cost, transaction.dollars(held), transaction.dollars(credit), hold);
    renewal.ifPresent(
        more ->
            transaction.book(
                new Journal(
                    "stock:" + asked.stateId() + ":" + asked.sequence(),
                    "stock",
                    Optional.of(tenant),
                    now,
                    "paid through a stock signer",
                    new Postings()
                        .add(credit, more.negated())
                        .add(held, more.minus(cost))
                        .add(revenue, cost)
                        .list())));
    return renewal.isPresent();
  }

  private static void record(
      LedgerTransaction transaction,
      SignerCaller caller,
      StockQuestion asked,
      BigInteger fee,
      NanoUsd cost,
      Instant now) {
    transaction
        .tx()
        .change(
            """
            insert into stock_session (state_id, tenant_id, caller, orchestrator, sequence,
              last_update, fee, charged)
            values ($1, $2, $3, $4, $5, $6, $7::text::numeric, $8)
            on conflict (state_id) do update set sequence = excluded.sequence,
              last_update = excluded.last_update, fee = stock_session.fee + excluded.fee,
              charged = stock_session.charged + excluded.charged""",
            asked.stateId(),
            caller.tenant().orElse(""),
            caller.name(),
            asked.orchestrator(),
            asked.sequence(),
            now.atOffset(ZoneOffset.UTC),
            fee.toString(),
            cost.nanos());
    transaction
        .tx()
        .change(
            """
            insert into stock_authorization (state_id, sequence, tenant_id, caller, orchestrator,
              auth_id, fee, authorized_at)
            values ($1, $2, $3, $4, $5, $6, $7::text::numeric, $8)""",
            asked.stateId(),
            asked.sequence(),
            caller.tenant().orElse(""),
            caller.name(),
            asked.orchestrator(),
            authId(caller, asked),
            fee.toString(),
            now.atOffset(ZoneOffset.UTC));
  }
}
