package io.naap.router.admission;

import io.naap.contracts.clearing.FundRequest;
import io.naap.contracts.clearing.Funding;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.keys.KeyConsumption;
import io.naap.contracts.keys.TenantConsumption;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.router.file.WatchedFile;
import io.naap.router.metrics.RouterMetrics;
import io.naap.router.neighbour.ClearinghouseClient;
import io.naap.router.neighbour.ConsumptionClient;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.RedisAPI;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.eclipse.microprofile.rest.client.inject.RestClient;
import org.jboss.logging.Logger;

/**
 * May this job run? One decision over every rate, every cap, concurrency and money. A job whose key
 * was busy lately is decided in memory, from shares this router has leased; only when they run low
 * is the store asked, in one call at a time for all that is due. Without the store, shares are used
 * up and nothing more is admitted.
 */
@Singleton
public class Admission {
  private static final Logger LOG = Logger.getLogger(Admission.class);
  private static final long TICK_MILLIS = 50;
  private static final long SWEEP_MILLIS = 2_000;
  private static final long BEAT_NANOS = 250_000_000L;
  private static final long PAUSE_MILLIS = 100;
  private static final long AGAIN_MILLIS = 5_000;
  private static final long SLEPT_NANOS = 500_000_000L;

  /** Two calls of the store, and the pause between them, must fit into it. */
  private static final Duration LEAST_PATIENCE = Duration.ofMillis(500);

  private static final long RECALL_MILLIS = 350;

  private final AdmissionConfig config;
  private final ConsumptionClient metering;
  private final ClearinghouseClient clearinghouse;
  private final RedisAPI redis;
  private final Vertx vertx;
  private final Ids ids;
  private final RouterMetrics metrics;
  private final QuotaTable book = new QuotaTable();
  private final LimitChecker decider;
  private final ReservationSettlement settler = new ReservationSettlement(book);
  private final LeaseClient lessee;
  private final NanoUsd step;
  private volatile LimitOverrides overrides;
  private final Map<String, Future<Boolean>> funding = new ConcurrentHashMap<>();
  private final AtomicBoolean kicked = new AtomicBoolean();

  private LeaseStore store;
  private Spooled spooled;
  private Context context;
  private boolean asking;

  /** When this router last did something here; on its context only. */
  private long aliveNanos;

  private volatile boolean stopped;
  private volatile boolean inherited;

  Admission(
      RedisAPI redis,
      AdmissionConfig config,
      @RestClient ConsumptionClient metering,
      @RestClient ClearinghouseClient clearinghouse,
      Vertx vertx,
      Ids ids,
      RouterMetrics metrics) {
    this.redis = redis;
    this.config = config;
    this.metering = metering;
    this.clearinghouse = clearinghouse;
    this.vertx = vertx;
    this.ids = ids;
    this.metrics = metrics;
    this.overrides = LimitOverrides.read("", config.shadow().orElse(Set.of()));
    this.decider = new LimitChecker(book, config.settleAbovePercent());
    this.lessee = new LeaseClient(book, config.emptyFor());
    book.override(overrides);
    this.step = NanoUsd.parse(config.fundingStep());
  }

  /** What the spool knows of usage on its way to metering. */
  public interface Spooled {
    /** The last position that metering has not confirmed; 0 for none. */
    long uncommitted();

    /** Reads what an earlier life of this router left unconfirmed, in order. Blocks. */
    void left(Consumer<UsageRecorded> taker) throws IOException;

    /** True when metering has confirmed this router's usage up to a position. */
    boolean isStored(long position);

    /** The same of any router, as far as this one has heard. */
    boolean isStored(String instance, long position);
  }

  /**
   * Begins to lease under a name that nobody else has, and that a later life of this router has
   * too.
   */
  public void start(String instance, Spooled spool) {
    spooled = spool;
    if (config.patience().compareTo(LEAST_PATIENCE) < 0) {
      throw new IllegalStateException(
          "naap.admission.patience must be at least " + LEAST_PATIENCE.toMillis() + " ms");
    }
    // A call that fails is made once more while a job waits.
    Duration timeout = config.patience().minusMillis(PAUSE_MILLIS).dividedBy(2);
    store =
        new RedisLeaseStore(
            redis,
            instance,
            config.lease(),
            config.rebuild(),
            config.givenUpAfter(),
            timeout,
            () -> 0,
            () -> "");
    context = vertx.getOrCreateContext();
    metrics.openHolds(book::openHolds);
    vertx.setPeriodic(TICK_MILLIS, timer -> tick());
    vertx.setPeriodic(SWEEP_MILLIS, timer -> sweep());
    config
        .overrides()
        .ifPresent(
            path -> {
              WatchedFile file = begin(path);
              vertx.setPeriodic(
                  config.overridesEvery().toMillis(),
                  timer -> vertx.executeBlocking(() -> look(file), true));
            });
    kick();
  }

  /** With what the file says now. */
  private WatchedFile begin(Path path) {
    String text = "";
    try {
      text = Files.readString(path);
      override(text);
    } catch (IOException | IllegalArgumentException bad) {
      overridesRefused(bad);
    }
    return new WatchedFile(path, text);
  }

  /** Overrides that do not check out are refused, and the last good ones stay. */
  private Void look(WatchedFile file) {
    try {
      file.changed().ifPresent(this::override);
    } catch (IOException | IllegalArgumentException bad) {
      overridesRefused(bad);
    }
    return null;
  }

  private void override(String text) {
    overrides = LimitOverrides.read(text, config.shadow().orElse(Set.of()));
    book.override(overrides);
    LOG.infof("overrides of limits in force, count=%d", overrides.all().size());
  }

  private static void overridesRefused(Exception bad) {
    LOG.errorf("overrides of limits refused, the last good ones stay: %s", bad.getMessage());
  }

  /** Gives all that is not in use back, as when the router stops. */
  public void giveBack() {
    lessee.giveAllBack(System.nanoTime());
    kick();
  }

  /** Asks the store nothing more: its client ends with the application. */
  public void stop() {
    stopped = true;
  }

  private void sweep() {
    vertx.executeBlocking(
        () -> {
          long nanos = System.nanoTime();
          int expired = settler.expire(nanos);
          if (expired > 0) {
            LOG.warnf("gave back expired holds, count=%d", expired);
          }
          lessee.sweep(nanos);
          return null;
        });
  }

  // --- jobs ---

  /** Decides; most often at once and without any input or output. */
  public Future<Outcome> admit(ReservationRequest demand) {
    long nanos = System.nanoTime();
    if (nanos - lessee.heardNanos() > config.givenUpAfter().toNanos() && lessee.isWelcome()) {
      return Future.succeededFuture(refused(LimitChecker.unavailable()));
    }
    return switch (decider.decide(demand, nanos)) {
      case LimitChecker.Decision.Decided decided -> Future.succeededFuture(counted(decided.outcome()));
      case LimitChecker.Decision.Asking asking -> {
        kick();
        yield asking.waiting().outcome.future().map(this::counted);
      }
    };
  }

  private Outcome counted(Outcome outcome) {
    if (overrides.hasShadows() && outcome instanceof Outcome.Admitted admitted) {
      LimitStatus standing = admitted.standing();
      for (int rule = 0; rule < standing.size(); rule++) {
        if (standing.isViolated(rule) && standing.terms().rules.get(rule).shadow()) {
          metrics.shadowRefused(standing.name(rule));
        }
      }
    }
    return outcome instanceof Outcome.Refused refused ? refused(refused) : outcome;
  }

  private Outcome refused(Outcome.Refused refused) {
    metrics.refused(refused.reason().name());
    return refused;
  }

  /**
   * Ends a hold, once, with what was really used.
   *
   * @param position of the spool that tells of it
   */
  public void settle(Hold hold, Units units, NanoUsd cost, long position) {
    settler.settle(hold, units, cost, position, System.nanoTime());
  }

  /** True while this router has the place of a stream. */
  public boolean hasPlace(String name) {
    return book.place(name) != null;
  }

  /** Gives the place of a stream back, if this router has it. */
  public void leave(String place) {
    settler.leave(place);
  }

  /** A hold of this router, by its name; null when another one took it, or it was settled. */
  public Hold hold(String id) {
    return book.hold(id);
  }

  // --- the store: one call at a time ---

  private void kick() {
    if (context != null && kicked.compareAndSet(false, true)) {
      context.runOnContext(
          now -> {
            kicked.set(false);
            ask();
          });
    }
  }

  private void tick() {
    context.runOnContext(now -> ask());
  }

  /**
   * What this router slept through, as in a long collection, is nobody's waiting: patience is with
   * others.
   */
  private void alive(long nanos) {
    long slept = nanos - aliveNanos;
    if (aliveNanos != 0 && slept > SLEPT_NANOS) {
      LOG.debugf("this router did nothing for %d ms", slept / 1_000_000);
      decider.excuse(slept, nanos);
    }
    aliveNanos = nanos;
  }

  private void ask() {
    long nanos = System.nanoTime();
    alive(nanos);
    if (stopped
        || asking
        || (!lessee.hasDue() && lessee.isWelcome() && nanos - lessee.heardNanos() < BEAT_NANOS)) {
      return;
    }
    asking = true;
    LeaseCall call = lessee.compose(ids.next(IdKind.FUNDING), spooled.uncommitted(), nanos);
    store
        .lease(call)
        .onComplete(
            done ->
                context.runOnContext(
                    now -> {
                      asking = false;
                      if (done.succeeded()) {
                        answered(done.result(), nanos);
                      } else {
                        notAnswered(done.cause());
                        unanswered();
                        vertx.setTimer(PAUSE_MILLIS, later -> tick());
                      }
                    }));
  }

  private static void notAnswered(Throwable cause) {
    if (String.valueOf(cause.getMessage()).contains("SUBJECT_TWICE")) {
      LOG.errorf("this router made a lease call that Redis refuses: %s", cause.getMessage());
    } else {
      LOG.debugf(cause, "Redis did not answer a lease call");
    }
  }

  private void answered(LeaseReply reply, long askedNanos) {
    long nanos = System.nanoTime();
    alive(nanos);
    LeaseClient.Next next = lessee.apply(reply, askedNanos, nanos);
    if (reply instanceof LeaseReply.Welcome hello && !inherited) {
      inherit(hello);
    }
    next.toSeed().forEach(this::seed);
    next.answered().forEach(this::resolve);
    if (!next.later().isEmpty()) {
      vertx.setTimer(
          PAUSE_MILLIS,
          later -> {
            next.later().forEach(this::resolve);
            kick();
          });
    }
    if (lessee.hasDue() || !lessee.isWelcome()) {
      ask();
    }
  }

  /** A spool may be long; meanwhile nothing else is asked. */
  private void inherit(LeaseReply.Welcome hello) {
    asking = true;
    vertx
        .executeBlocking(
            () -> {
              lessee.inherit(hello, spooled::left, System.nanoTime());
              return null;
            })
        .onComplete(
            done ->
                context.runOnContext(
                    now -> {
                      if (done.succeeded()) {
                        inherited = true;
                        asking = false;
                        ask();
                      } else {
                        LOG.errorf(
                            done.cause(),
                            "what this router used before it was started cannot be read: it admits"
                                + " nothing until it can be");
                        vertx.setTimer(AGAIN_MILLIS, later -> inherit(hello));
                      }
                    }));
  }

  private void unanswered() {
    for (TenantQuotas tenant : book.tenants()) {
      complete(decider.unanswered(tenant, System.nanoTime()));
    }
  }

  private void resolve(TenantQuotas tenant) {
    LimitChecker.Resolved resolved =
        decider.resolve(tenant, config.patience().toNanos(), System.nanoTime());
    complete(resolved);
    for (PendingAdmission waiting : resolved.needMoney()) {
      refill(waiting);
    }
    for (PendingAdmission waiting : resolved.later()) {
      vertx.setTimer(
          RECALL_MILLIS,
          later -> {
            decider.askAgain(waiting, System.nanoTime());
            kick();
          });
    }
  }

  private static void complete(LimitChecker.Resolved resolved) {
    for (int at = 0; at < resolved.done().size(); at++) {
      PendingAdmission waiting = resolved.done().get(at);
      Outcome outcome = resolved.outcomes().get(at);
      if (outcome instanceof Outcome.Refused refused
          && refused.reason() == Outcome.Reason.UNAVAILABLE) {
        LOG.debugf(
            "a job was not decided in time, millis=%d, %s",
            (System.nanoTime() - waiting.sinceNanos) / 1_000_000, waiting);
      }
      waiting.outcome.tryComplete(outcome);
    }
  }

  // --- where counters begin ---

  private void seed(SubjectQuotas account) {
    String id = account.subject.substring(2);
    boolean ofKey = account.subject.charAt(0) == 'k';
    String epoch = lessee.epoch();
    // Of another day than the store's: around midnight, or where clocks differ.
    Future<Void> begun =
        account.seed == null ? Future.succeededFuture() : vertx.timer(PAUSE_MILLIS).mapEmpty();
    begun
        .compose(known -> committed(account.ownPosition, 0))
        .compose(
            known ->
                ofKey
                    ? answer(metering.consumption(id, account.tenant.id)).map(used -> begin(used))
                    : answer(metering.consumption(id)).map(used -> begin(used)))
        .onComplete(
            done -> {
              lessee.seeded(account, done.succeeded() ? done.result() : null, epoch);
              if (done.succeeded()) {
                kick();
              } else {
                LOG.debugf(done.cause(), "metering did not say where counters begin");
                complete(decider.unseeded(account, System.nanoTime()));
              }
            });
  }

  private static SubjectQuotas.Seed begin(KeyConsumption used) {
    return new SubjectQuotas.Seed(used.day(), used.today(), used.month(), used.lifetime());
  }

  private static SubjectQuotas.Seed begin(TenantConsumption used) {
    return new SubjectQuotas.Seed(used.day(), used.today(), used.month(), used.lifetime());
  }

  /** Completes when metering has all usage that counters must begin with. */
  private Future<Void> committed(long ownPosition, int attempt) {
    boolean all =
        spooled.isStored(ownPosition)
            && lessee.uncommitted().entrySet().stream()
                .allMatch(one -> spooled.isStored(one.getKey(), one.getValue()));
    if (all) {
      return Future.succeededFuture();
    }
    if (attempt * PAUSE_MILLIS > config.patience().toMillis()) {
      return Future.failedFuture("metering has not stored older usage yet");
    }
    return vertx.timer(PAUSE_MILLIS).compose(later -> committed(ownPosition, attempt + 1));
  }

  private <T> Future<T> answer(Uni<T> asked) {
    return Future.fromCompletionStage(
        asked.onFailure().retry().atMost(1).subscribe().asCompletionStage(), context);
  }

  // --- money ---

  private void refill(PendingAdmission waiting) {
    String tenant = waiting.demand.tenantId();
    waiting.refilling = true;
    if (waiting.tenant.isEmpty(System.nanoTime())) {
      waiting.refilled = true;
      again(waiting);
      return;
    }
    // One question per tenant at a time, for all who wait now. Who comes meanwhile shares its
    // answer, and may ask again should it be too small.
    Future<Boolean> running = funding.get(tenant);
    if (running == null) {
      waiting.refilled = true;
      NanoUsd pending = book.pendingMoney(waiting.tenant);
      running =
          refill(
              waiting.tenant,
              pending
                  .plus(step)
                  .minus(NanoUsd.ofNanos(Math.min(book.inPool(tenant), pending.nanos()))));
      funding.put(tenant, running);
      Future<Boolean> begun = running;
      running.onComplete(done -> funding.remove(tenant, begun));
    }
    running.onComplete(
        done ->
            context.runOnContext(
                now -> {
                  if (done.succeeded()) {
                    again(waiting);
                  } else {
                    LOG.debugf(done.cause(), "the ledger did not answer");
                    if (decider.giveUp(waiting)) {
                      waiting.outcome.tryComplete(LimitChecker.unavailable());
                    }
                  }
                }));
  }

  private void again(PendingAdmission waiting) {
    decider.askAgain(waiting, System.nanoTime());
    kick();
  }

  private Future<Boolean> refill(TenantQuotas of, NanoUsd wanted) {
    String tenant = of.id;
    NanoUsd total = book.total(tenant);
    String epoch = lessee.epoch();
    Future<Void> ready = total.isZero() ? committed(0, 0) : Future.succeededFuture();
    return ready
        .compose(known -> ask(new FundRequest(tenant, epoch, total, wanted)))
        .compose(
            granted ->
                store
                    .fund(granted.epoch(), tenant, granted.fundingId(), granted.total())
                    .map(known -> granted))
        .map(
            granted -> {
              boolean more = granted.total().compareTo(total) > 0;
              if (!more) {
                // Only the ledger's own answer counts, so that a top-up is seen however busy the
                // tenant is.
                of.emptyUntil(System.nanoTime() + config.emptyFor().toNanos());
              }
              return more;
            });
  }

  private Future<Funding> ask(FundRequest request) {
    return Future.fromCompletionStage(
        clearinghouse
            .fund(request)
            .onFailure()
            .retry()
            .withBackOff(Duration.ofMillis(50))
            .atMost(1)
            .subscribe()
            .asCompletionStage(),
        context);
  }

  /** The first usage event that the spool must keep, because the store has not heard of it. */
  public long unreportedFrom() {
    return inherited ? lessee.unreportedFrom() : 0;
  }

  /** Jobs that were admitted and have not ended. */
  public int openHolds() {
    return book.openHolds();
  }

  /** False while shares are used up without the store. */
  public boolean isConnected() {
    return lessee.isWelcome() && System.nanoTime() - lessee.heardNanos() < 4 * BEAT_NANOS;
  }
}
