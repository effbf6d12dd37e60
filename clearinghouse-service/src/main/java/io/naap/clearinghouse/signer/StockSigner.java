package io.naap.clearinghouse.signer;

import com.fasterxml.jackson.databind.JsonNode;
import io.naap.clearinghouse.ledger.AccountRef;
import io.naap.clearinghouse.ledger.Journal;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.ledger.LedgerTransaction;
import io.naap.clearinghouse.price.EtherPrice;
import io.naap.contracts.identity.Trust;
import io.naap.contracts.money.NanoUsd;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Answers a stock go-livepeer signer that asks whether it may sign. Its question has neither the
 * fee nor the number of tickets, so the fee is reconstructed: the time since the session was last
 * seen here, at the session's first price; what is asked twice is charged once.
 */
@ApplicationScoped
class StockSigner {
  private static final BigInteger LV2V_PIXELS_PER_SECOND = BigInteger.valueOf(1280L * 720 * 30);
  private static final Duration LV2V_PRELOAD = Duration.ofSeconds(60);
  private static final Duration LIVE_PRELOAD = Duration.ofSeconds(10);
  private static final int MAX_TEXT = 256;

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

  /**
   * What the signer is told.
   *
   * @param status 200, or what the caller is to be refused with
   * @param reason empty when allowed
   * @param authId the session's payer, empty when refused
   */
  record Verdict(int status, String reason, String authId) {
    static Verdict refused(int status, String reason) {
      return new Verdict(status, reason, "");
    }
  }

  private record Asked(
      String stateId,
      String orchestrator,
      String type,
      long sequence,
      long pricePerUnit,
      long pixelsPerUnit) {}

  Verdict decide(JsonNode question) {
    Optional<SignerCaller> caller = caller(question.path("headers"));
    if (caller.isEmpty()) {
      return Verdict.refused(401, "send the caller's token as a bearer token");
    }
    if (caller.get().tenant().filter(trust::isSuspended).isPresent()) {
      return Verdict.refused(403, "the tenant is suspended");
    }
    JsonNode state = question.path("state");
    Asked asked =
        new Asked(
            state.path("StateID").asText(),
            state.path("OrchestratorAddress").asText().toLowerCase(java.util.Locale.ROOT),
            state.path("Type").asText(),
            state.path("SequenceNumber").asLong(-1),
            state.path("InitialPricePerUnit").asLong(),
            state.path("InitialPixelsPerUnit").asLong());
    boolean sensible =
        !asked.stateId().isEmpty()
            && asked.stateId().length() <= MAX_TEXT
            && asked.orchestrator().matches("0x[0-9a-f]{40}")
            && asked.sequence() >= 0
            && asked.pricePerUnit() > 0
            && asked.pixelsPerUnit() > 0
            && asked.stateId().indexOf('\0') < 0;
    if (!sensible) {
      return Verdict.refused(400, "the state is not understood");
    }
    if (!Set.of("lv2v", "live").contains(asked.type())) {
      // What such a job costs is nowhere in the question.
      return Verdict.refused(403, "only live jobs are paid for here");
    }
    if (config
        .deniedOrchestrators()
        .map(denied -> denied.stream().anyMatch(asked.orchestrator()::equalsIgnoreCase))
        .orElse(false)) {
      return Verdict.refused(403, "the orchestrator may not be paid");
    }
    return ledger.transact(books -> decide(books, caller.get(), asked));
  }

  private Optional<SignerCaller> caller(JsonNode headers) {
    for (Map.Entry<String, JsonNode> header : headers.properties()) {
      if ("authorization".equalsIgnoreCase(header.getKey())) {
        Optional<SignerCallers.Credential> shown =
            SignerCallers.read(header.getValue().path(0).asText(null));
        return shown
            .flatMap(callers::find)
            .or(
                () ->
                    shown
                        .filter(one -> one.token().startsWith(SignerTokens.PREFIX))
                        .flatMap(
                            one ->
                                tokens
                                    .remembered(one.token())
                                    .orElseGet(() -> tokens.find(one.token()))));
      }
    }
    return Optional.empty();
  }

  private Verdict decide(LedgerTransaction books, SignerCaller caller, Asked asked) {
    Instant now = clock.instant();
    if (KillSwitches.hits(KillSwitches.keys(KillSwitches.send(books.tx()).rows()), caller, asked.orchestrator())) {
      return Verdict.refused(403, "signing is stopped");
    }
    Optional<Row> known =
        books
            .tx()
            .one("select * from stock_session where state_id = $1 for update", asked.stateId());
    if (known.isPresent() && !known.get().getString("caller").equals(caller.name())) {
      return Verdict.refused(403, "the session belongs to another caller");
    }
    Verdict allowed = new Verdict(200, "", authId(caller, asked));
    if (known.isPresent() && known.get().getLong("sequence") >= asked.sequence()) {
      // Asked again: it was paid for. An older state than the last is a fork of it.
      return known.get().getLong("sequence") == asked.sequence()
          ? allowed
          : Verdict.refused(400, "the state was used before");
    }
    BigInteger fee =
        fee(asked, known.map(row -> row.getOffsetDateTime("last_update").toInstant()), now);
    if (caller.tenant().isPresent()) {
      Optional<NanoUsd> cost = etherPrice.charged(new BigDecimal(fee), config.markup());
      if (cost.isEmpty()) {
        return Verdict.refused(503, "the price of ether is unknown");
      }
      if (!pay(books, caller.tenant().get(), asked, cost.get(), now)) {
        return Verdict.refused(402, "the tenant's balance is too low");
      }
      remember(books, caller, asked, fee, cost.get(), now);
    } else {
      remember(books, caller, asked, fee, NanoUsd.ZERO, now);
    }
    return allowed;
  }

  private static String authId(SignerCaller caller, Asked asked) {
    return caller.tenant().orElse(caller.name()) + ":" + asked.stateId();
  }

  private boolean pay(LedgerTransaction books, String tenant, Asked asked, NanoUsd cost, Instant now) {
    AccountRef credit = AccountRef.credit(tenant);
    AccountRef held = AccountRef.held(asked.stateId());
    AccountRef revenue = AccountRef.revenue(tenant);
    books.lock(List.of(credit));
    books.lock(List.of(held, revenue));
    NanoUsd there = books.dollars(held);
    NanoUsd renewal =
        there.compareTo(cost) >= 0
            ? NanoUsd.ZERO
            : cost.minus(there).max(hold).min(books.dollars(credit));
    if (there.plus(renewal).compareTo(cost) < 0) {
      return false;
    }
    books.book(
        new Journal(
            "stock:" + asked.stateId() + ":" + asked.sequence(),
            "stock",
            Optional.of(tenant),
            now,
            "paid through a stock signer",
            new Journal.Lines()
                .add(credit, renewal.negated())
                .add(held, renewal.minus(cost))
                .add(revenue, cost)
                .list()));
    return true;
  }

  private static void remember(
      LedgerTransaction books, SignerCaller caller, Asked asked, BigInteger fee, NanoUsd cost, Instant now) {
    books
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
    books
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

  /** In wei, rounded up. */
  private static BigInteger fee(Asked asked, Optional<Instant> last, Instant now) {
    boolean lv2v = "lv2v".equals(asked.type());
    Duration elapsed =
        last.map(then -> Duration.between(then, now))
            .filter(Duration::isPositive)
            .orElse(lv2v ? LV2V_PRELOAD : LIVE_PRELOAD);
    BigDecimal seconds =
        BigDecimal.valueOf(elapsed.getSeconds()).add(BigDecimal.valueOf(elapsed.getNano(), 9));
    BigDecimal units =
        lv2v
            ? seconds.multiply(new BigDecimal(LV2V_PIXELS_PER_SECOND))
            : seconds.setScale(0, RoundingMode.CEILING);
    return units
        .multiply(BigDecimal.valueOf(asked.pricePerUnit()))
        .divide(BigDecimal.valueOf(asked.pixelsPerUnit()), 0, RoundingMode.CEILING)
        .toBigIntegerExact();
  }
}
