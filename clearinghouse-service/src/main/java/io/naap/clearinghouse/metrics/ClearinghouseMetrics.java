package io.naap.clearinghouse.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import jakarta.enterprise.context.ApplicationScoped;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** What the clearinghouse counts; labels never hold an id. */
@ApplicationScoped
public class ClearinghouseMetrics {
  private static final BigInteger WEI_A_GWEI = BigInteger.TEN.pow(9);

  private final MeterRegistry registry;
  private final Map<String, AtomicLong> drifts = new ConcurrentHashMap<>();
  private final Map<String, AtomicLong> gauges = new ConcurrentHashMap<>();

  ClearinghouseMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  public void paymentReceived(String kind) {
    registry.counter("clearinghouse_payments_total", "kind", kind).increment();
  }

  /** A top-up from a saved card, by what came of it. */
  public void toppedUp(String result) {
    registry.counter("clearinghouse_top_ups_total", "result", result).increment();
  }

  public void fundingAsked(String result) {
    registry.counter("clearinghouse_fundings_total", "result", result).increment();
  }

  public void chargesTaken(int booked, int repeated, int unreadable) {
    registry.counter("clearinghouse_charges_total", "result", "booked").increment(booked);
    registry.counter("clearinghouse_charges_total", "result", "repeated").increment(repeated);
    registry.counter("clearinghouse_charges_total", "result", "unreadable").increment(unreadable);
  }

  /** An answer of the remote signer, by endpoint and status. */
  public void signerAnswered(String endpoint, int status) {
    registry
        .counter(
            "clearinghouse_signer_answers_total",
            "endpoint",
            endpoint,
            "status",
            Integer.toString(status))
        .increment();
  }

  /** A payment was signed; again, when a caller had lost the first answer. */
  public void ticketsSigned(int tickets, boolean again) {
    registry
        .counter("clearinghouse_payments_signed_total", "again", Boolean.toString(again))
        .increment();
    registry
        .counter("clearinghouse_tickets_signed_total", "again", Boolean.toString(again))
        .increment(tickets);
  }

  /**
   * Payments that were recorded in one commit, {@code straight} or after each was {@code checked}.
   */
  public void ticketsCommitted(String way, int payments) {
    registry.summary("clearinghouse_signer_group", "way", way).record(payments);
  }

  public void paymentRefused(String reason) {
    registry.counter("clearinghouse_payments_refused_total", "reason", reason).increment();
  }

  /** Events of stock signers that were read, by what became of them. */
  public void signerEvents(String result, int events) {
    registry.counter("clearinghouse_signer_events_total", "result", result).increment(events);
  }

  /** Where stock signers and their hook do not agree, as it stands. */
  public void signerGaps(String kind, long open) {
    set("clearinghouse_signer_gaps", "kind", kind, open);
  }

  /**
   * Entries of a stream were deleted before they were read: money may be lost, a person must act.
   */
  public void deletedUnread(int count) {
    registry.counter("clearinghouse_stream_deleted_unread_total").increment(count);
  }

  /** Journals joined the hash chain. */
  public void sealed(int journals) {
    registry.counter("clearinghouse_journals_sealed_total").increment(journals);
  }

  /** Admission's money next to the ledger's, by what is wrong, in nano-dollars. */
  public void admissionDrift(Map<String, Long> amounts, long inFlight) {
    amounts.forEach((kind, amount) -> drift(kind).set(amount));
    drifts.keySet().stream()
        .filter(kind -> !amounts.containsKey(kind))
        .forEach(kind -> drift(kind).set(0));
    drift("in_flight").set(inFlight);
  }

  private AtomicLong drift(String kind) {
    return drifts.computeIfAbsent(
        kind,
        of ->
            registry.gauge(
                "clearinghouse_admission_drift_nano_usd", Tags.of("kind", of), new AtomicLong()));
  }

  public void admissionAlarm(String kind) {
    registry.counter("clearinghouse_admission_alarms_total", "kind", kind).increment();
  }

  public void admissionCorrected(String kind) {
    registry.counter("clearinghouse_admission_corrections_total", "kind", kind).increment();
  }

  /** Ether of ours, by where it lies, in gwei. */
  public void ether(String where, BigInteger wei) {
    set("clearinghouse_ether_gwei", "where", where, wei.divide(WEI_A_GWEI).longValue());
  }

  /** Ether of a wallet that the ledger does not explain, in gwei, towards zero. */
  public void etherUnexplained(String where, BigInteger wei) {
    set("clearinghouse_ether_unexplained_gwei", "where", where, wei.divide(WEI_A_GWEI).longValue());
  }

  /** Whether something is wrong with the money on the chain: 1 or 0, by kind. */
  public void treasuryAlert(String kind, boolean active) {
    set("clearinghouse_treasury_alert", "kind", kind, active ? 1 : 0);
  }

  public void runway(long hours) {
    set("clearinghouse_runway_hours", "of", "deposit", hours);
  }

  public void gasPrice(BigInteger wei) {
    set("clearinghouse_chain", "what", "gas_price_wei", wei.longValue());
  }

  public void blockLag(Duration lag) {
    set("clearinghouse_chain", "what", "block_lag_seconds", lag.toSeconds());
  }

  public void round(long last) {
    set("clearinghouse_chain", "what", "round", last);
  }

  private void set(String name, String tag, String value, long to) {
    gauges
        .computeIfAbsent(
            name + " " + value, of -> registry.gauge(name, Tags.of(tag, value), new AtomicLong()))
        .set(to);
  }

  /** Money that was set aside went back to its tenant. */
  public void idleMoneyReturned() {
    registry.counter("clearinghouse_idle_money_returned_total").increment();
  }

  /** An event of Stripe's: taken, repeated, or of another product. */
  public void stripeEvent(String result) {
    registry.counter("clearinghouse_stripe_events_total", "result", result).increment();
  }

  /** A charge was found that metering and the ledger do not agree on. */
  public void chargeDiffers(String kind) {
    registry.counter("clearinghouse_charge_differences_total", "kind", kind).increment();
  }

  /** How many charges differ now, and how many spans are not found equal yet. */
  public void chargesCompared(long different, long spans) {
    set("clearinghouse_charges_differing", different);
    set("clearinghouse_charge_spans_open", spans);
  }

  private void set(String name, long value) {
    gauges
        .computeIfAbsent(name, of -> registry.gauge(name, Tags.empty(), new AtomicLong()))
        .set(value);
  }
}
