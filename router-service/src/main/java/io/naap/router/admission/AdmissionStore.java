package io.naap.router.admission;

import io.naap.contracts.keys.Cap;
import io.naap.contracts.keys.KeyConsumption;
import io.naap.contracts.keys.TenantConsumption;
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
import java.time.LocalDate;
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

    /** Counters are not known here yet: the key's, or else the tenant's. */
    record NotSeeded(boolean ofKey) implements Reply {}
  }

  /**
   * Takes all that a demand asks for, or nothing.
   *
   * @param now milliseconds, or 0 for the store's own clock, which all routers share
   */
  public Future<Reply> admit(Demand demand, long now) {
    List<String> args = new ArrayList<>();
    args.add(Long.toString(now));
    args.add(demand.hold());
    args.add(demand.tenantId());
    args.add(demand.keyId());
    args.add(Long.toString(demand.ttl().toMillis()));
    args.add(Long.toString(demand.cost().nanos()));
    args.add(demand.prepaid() ? "1" : "0");
    args.add(demand.starts() ? "1" : "0");
    addUnits(args, demand.units());
    List<Policy> policies = demand.policies();
    args.add(Integer.toString(policies.size()));
    for (Policy policy : policies) {
      args.add(policy.owner().subject());
      args.add(policy.kind().wireName());
      args.add(policy.what());
      args.add(bounded(policy.limit()));
    }
    return admit.run(args).map(reply -> read(reply, policies));
  }

  private static String bounded(long limit) {
    return Long.toString(Math.min(limit, Demand.MAX));
  }

  private static Reply read(Response reply, List<Policy> policies) {
    return switch (reply.get(0).toString()) {
      case "ADMITTED" -> new Reply.Taken(reply.get(1).toString(), states(reply, policies));
      case "REFUSED" -> new Reply.Limited(states(reply, policies));
      case "MONEY" ->
          new Reply.MoneyShort(
              NanoUsd.ofNanos(reply.get(1).toLong()), NanoUsd.ofNanos(reply.get(2).toLong()));
      case "SEED" -> new Reply.NotSeeded("k".equals(reply.get(1).toString()));
      default -> throw new IllegalStateException("the admission script answered " + reply);
    };
  }

  private static List<PolicyState> states(Response reply, List<Policy> policies) {
    List<PolicyState> states = new ArrayList<>();
    if (reply.size() == 2) {
      return states;
    }
    int at = 2;
    for (Policy policy : policies) {
      long reset = reply.get(at + 1).toLong();
      states.add(
          new PolicyState(
              policy.name(),
              policy.limit(),
              policy.windowSeconds(),
              reply.get(at).toLong(),
              reset < 0 ? OptionalLong.empty() : OptionalLong.of(reset),
              "1".equals(reply.get(at + 2).toString())));
      at += 3;
    }
    return states;
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
  public Future<Void> seed(KeyConsumption used) {
    return seed(
        Policy.Owner.KEY, used.keyId(), used.day(), used.today(), used.month(), used.lifetime());
  }

  /** Starts a tenant's counters; only the first caller's figures count. */
  public Future<Void> seed(TenantConsumption used) {
    return seed(
        Policy.Owner.TENANT,
        used.tenantId(),
        used.day(),
        used.today(),
        used.month(),
        used.lifetime());
  }

  private Future<Void> seed(
      Policy.Owner owner,
      String id,
      LocalDate day,
      KeyConsumption.Window today,
      KeyConsumption.Window month,
      KeyConsumption.Window lifetime) {
    List<String> args = new ArrayList<>();
    args.add(owner.subject());
    args.add(id);
    args.add(day.toString());
    args.add(day.toString().substring(0, 7));
    addWindow(args, today, today.units().get(Unit.REQUESTS));
    addWindow(args, month, 0);
    addWindow(args, lifetime, 0);
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
