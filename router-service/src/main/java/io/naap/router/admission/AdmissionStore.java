package io.naap.router.admission;

import io.naap.contracts.keys.Cap;
import io.naap.contracts.keys.KeyConsumption;
import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.vertx.core.Future;
import io.vertx.redis.client.RedisAPI;
import io.vertx.redis.client.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * The counters, holds and pools of money in Redis. Each method is one atomic script and may be
 * repeated: a hold is taken and settled once. A failed future means Redis did not answer, and
 * whether the script ran is unknown.
 */
public class AdmissionStore {
  private static final long TIMEOUT_MILLIS = 2_000;
  private static final long DAY_SECONDS = 86_400;
  private static final long MONTH_SECONDS = 30 * DAY_SECONDS;

  private final RedisAPI redis;
  private final Script admit = new Script("admit");
  private final Script settle = new Script("settle");
  private final Script seed = new Script("seed");
  private final Script fund = new Script("fund");

  public AdmissionStore(RedisAPI redis) {
    this.redis = redis;
  }

  /** What the store says to a demand. */
  public sealed interface Reply {
    /** Taken. */
    record Taken(String fundingId, List<PolicyState> policies) implements Reply {}

    /** A limit says no. */
    record Limited(List<PolicyState> policies) implements Reply {}

    /** The tenant's pool is too small. */
    record MoneyShort(NanoUsd total, NanoUsd available) implements Reply {}

    /** The key's counters are not known here yet. */
    record NotSeeded() implements Reply {}
  }

  /**
   * Takes all that a demand asks for, or nothing.
   *
   * @param now milliseconds, or 0 for the store's own clock, which all routers share
   */
  public Future<Reply> admit(Demand demand, long now) {
    KeyLimits limits = demand.limits();
    List<String> args = new ArrayList<>();
    args.add(Long.toString(now));
    args.add(demand.hold());
    args.add(demand.tenantId());
    args.add(demand.keyId());
    args.add(Long.toString(demand.ttl().toMillis()));
    args.add(Long.toString(demand.cost().nanos()));
    args.add(demand.prepaid() ? "1" : "0");
    args.add(demand.starts() ? "1" : "0");
    // A further stretch is no new request: what counts requests does not count it.
    args.add(demand.starts() ? bounded(limits.requestsPerMinute().orElse(-1L)) : "-1");
    args.add(demand.starts() ? bounded(limits.requestsPerDay().orElse(-1L)) : "-1");
    args.add(demand.starts() ? bounded(limits.concurrentRequests().orElse(-1L)) : "-1");
    addUnits(args, demand.units());
    args.add(Integer.toString(limits.caps().size()));
    for (Cap cap : limits.caps()) {
      args.add(cap.what());
      args.add(cap.window().wireName());
      args.add(bounded(cap.limit()));
    }
    return admit.run(args).map(reply -> read(reply, demand));
  }

  private static String bounded(long limit) {
    return Long.toString(Math.min(limit, Demand.MAX));
  }

  private static Reply read(Response reply, Demand demand) {
    return switch (reply.get(0).toString()) {
      case "ADMITTED" -> new Reply.Taken(reply.get(1).toString(), states(reply, demand));
      case "REFUSED" -> new Reply.Limited(states(reply, demand));
      case "MONEY" ->
          new Reply.MoneyShort(
              NanoUsd.ofNanos(reply.get(1).toLong()), NanoUsd.ofNanos(reply.get(2).toLong()));
      case "SEED" -> new Reply.NotSeeded();
      default -> throw new IllegalStateException("the admission script answered " + reply);
    };
  }

  private static List<PolicyState> states(Response reply, Demand demand) {
    List<PolicyState> states = new ArrayList<>();
    if (reply.size() == 2) {
      return states;
    }
    int at = 2;
    KeyLimits limits = demand.limits();
    if (demand.starts()) {
      if (limits.requestsPerMinute().isPresent()) {
        at =
            add(
                states,
                "requests-per-minute",
                limits.requestsPerMinute().get(),
                OptionalLong.of(60),
                reply,
                at);
      }
      if (limits.requestsPerDay().isPresent()) {
        at =
            add(
                states,
                "requests-per-day",
                limits.requestsPerDay().get(),
                OptionalLong.of(DAY_SECONDS),
                reply,
                at);
      }
      if (limits.concurrentRequests().isPresent()) {
        at =
            add(
                states,
                "concurrent-requests",
                limits.concurrentRequests().get(),
                OptionalLong.empty(),
                reply,
                at);
      }
    }
    for (Cap cap : limits.caps()) {
      at = add(states, policyName(cap), cap.limit(), seconds(cap.window()), reply, at);
    }
    return states;
  }

  private static String policyName(Cap cap) {
    return cap.what().replace('_', '-') + "-per-" + cap.window().wireName();
  }

  private static OptionalLong seconds(Cap.Window window) {
    return switch (window) {
      case DAY -> OptionalLong.of(DAY_SECONDS);
      case MONTH -> OptionalLong.of(MONTH_SECONDS);
      case LIFETIME -> OptionalLong.empty();
    };
  }

  private static int add(
      List<PolicyState> states,
      String name,
      long quota,
      OptionalLong window,
      Response reply,
      int at) {
    long reset = reply.get(at + 1).toLong();
    states.add(
        new PolicyState(
            name,
            quota,
            window,
            reply.get(at).toLong(),
            reset < 0 ? OptionalLong.empty() : OptionalLong.of(reset),
            "1".equals(reply.get(at + 2).toString())));
    return at + 3;
  }

  /** Settles a hold, once; an expired one is debited in full, an unknown one not at all. */
  public Future<Boolean> settle(String hold, Units units, NanoUsd cost, long now) {
    List<String> args = new ArrayList<>();
    args.add(Long.toString(now));
    args.add("settle");
    args.add(hold);
    args.add(Long.toString(Math.min(cost.nanos(), Demand.MAX)));
    addUnits(args, units);
    return settle.run(args).map(reply -> "DONE".equals(reply.get(0).toString()));
  }

  /** Gives back the holds nobody settled in time. */
  public Future<Long> sweep(int limit, long now) {
    return settle
        .run(List.of(Long.toString(now), "sweep", Integer.toString(limit)))
        .map(reply -> reply.get(1).toLong());
  }

  /** Starts a key's counters; only the first caller's figures count. */
  public Future<Void> seed(KeyConsumption consumption) {
    List<String> args = new ArrayList<>();
    args.add(consumption.keyId());
    args.add(consumption.day().toString());
    args.add(consumption.day().toString().substring(0, 7));
    long started = consumption.today().units().get(Unit.REQUESTS);
    addWindow(args, consumption.today(), started);
    addWindow(args, consumption.month(), 0);
    addWindow(args, consumption.lifetime(), 0);
    return seed.run(args).mapEmpty();
  }

  private static void addWindow(List<String> args, KeyConsumption.Window window, long starts) {
    args.add(Integer.toString(window.units().amounts().size() + 2));
    window
        .units()
        .amounts()
        .forEach(
            (unit, amount) -> {
              args.add(unit.wireName());
              args.add(Long.toString(amount));
            });
    args.add(Cap.MONEY);
    args.add(Long.toString(window.cost().nanos()));
    args.add("starts");
    args.add(Long.toString(starts));
  }

  /** Takes an absolute total into a tenant's pool; a total already known changes nothing. */
  public Future<Boolean> fund(String epoch, String tenantId, String fundingId, NanoUsd total) {
    return fund.run(List.of(epoch, tenantId, fundingId, Long.toString(total.nanos())))
        .map(reply -> "DONE".equals(reply.get(0).toString()));
  }

  /** The name of this life of the store, given by whoever comes first. */
  public Future<String> epoch(String proposal) {
    return redis
        .set(List.of("naap:epoch", proposal, "NX"))
        .compose(done -> redis.get("naap:epoch"))
        .map(Response::toString)
        .timeout(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
  }

  private static void addUnits(List<String> args, Units units) {
    args.add(Integer.toString(units.amounts().size()));
    for (Map.Entry<Unit, Long> unit : units.amounts().entrySet()) {
      args.add(unit.getKey().wireName());
      args.add(Long.toString(Math.min(unit.getValue(), Demand.MAX)));
    }
  }

  /** A script, sent whole only when the store has not seen it. */
  private final class Script {
    private final String text;
    private volatile String sha;

    Script(String name) {
      try (InputStream file =
          AdmissionStore.class.getResourceAsStream("/admission/" + name + ".lua")) {
        text = new String(file.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException unreadable) {
        throw new UncheckedIOException(unreadable);
      }
    }

    Future<Response> run(List<String> args) {
      return attempt(args, true).timeout(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
    }

    private Future<Response> attempt(List<String> args, boolean again) {
      Future<String> known =
          sha != null
              ? Future.succeededFuture(sha)
              : redis
                  .script(List.of("LOAD", text))
                  .map(
                      loaded -> {
                        sha = loaded.toString();
                        return sha;
                      });
      return known
          .compose(
              name -> {
                List<String> command = new ArrayList<>(args.size() + 2);
                command.add(name);
                command.add("0");
                command.addAll(args);
                return redis.evalsha(command);
              })
          .recover(
              failure -> {
                if (again && String.valueOf(failure.getMessage()).startsWith("NOSCRIPT")) {
                  sha = null;
                  return attempt(args, false);
                }
                return Future.failedFuture(failure);
              });
    }
  }
}
