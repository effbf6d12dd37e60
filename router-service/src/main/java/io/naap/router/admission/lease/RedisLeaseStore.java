package io.naap.router.admission.lease;

import io.naap.contracts.money.NanoUsd;
import io.naap.router.admission.quota.LeaseGrant;
import io.naap.router.admission.quota.LeaseWish;
import io.naap.router.admission.quota.LimitedAmount;
import io.vertx.core.Future;
import io.vertx.redis.client.RedisAPI;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Leases quota in Redis: each call is one run of one script, and so atomic. */
public final class RedisLeaseStore implements LeaseStore {
  private static final String PREFIX = "naap:adm:";
  private static final String STORE = PREFIX + "store";
  private static final Pattern OUT = Pattern.compile("([^=;]+)=(-?[0-9]+):[0-9]+");

  private final String instance;
  private final Duration lease;
  private final Duration rebuild;
  private final Duration givenUpAfter;
  private final LongSupplier now;
  private final Supplier<String> run;
  private final RedisScript leases;
  private final RedisScript funds;

  /**
   * @param rebuild how long a new epoch grants nothing
   * @param timeout of one call
   * @param now milliseconds, or 0 for Redis' own clock
   * @param run names the run of the server, or is empty for what the server says itself
   */
  public RedisLeaseStore(
      RedisAPI redis,
      String instance,
      Duration lease,
      Duration rebuild,
      Duration givenUpAfter,
      Duration timeout,
      LongSupplier now,
      Supplier<String> run) {
    this.instance = instance;
    this.lease = lease;
    this.rebuild = rebuild;
    this.givenUpAfter = givenUpAfter;
    this.now = now;
    this.run = run;
    this.leases =
        new RedisScript(
            redis, timeout, "lease/common", "lease/expire", "lease/hello", "lease/grant");
    this.funds = new RedisScript(redis, timeout, "fund");
  }

  // --- calls; both lists are in the order that the scripts say ---

  @Override
  public Future<LeaseReply> lease(LeaseCall call) {
    List<String> keys = new ArrayList<>(6 + call.subjects().size());
    keys.add(STORE);
    keys.add(PREFIX + "routers");
    keys.add(PREFIX + "lost");
    keys.add(PREFIX + "recall");
    keys.add(PREFIX + "i:" + instance);
    keys.add(PREFIX + "x:" + instance);
    List<String> args = new ArrayList<>(16 + call.subjects().size() * 40);
    args.add(Long.toString(now.getAsLong()));
    args.add(call.epoch());
    args.add(call.freshEpoch());
    args.add(instance);
    args.add(Long.toString(call.number()));
    args.add(Long.toString(lease.toMillis()));
    args.add(Long.toString(rebuild.toMillis()));
    args.add(Long.toString(givenUpAfter.toMillis()));
    args.add(call.hello() ? "1" : "0");
    args.add(Long.toString(call.uncommitted()));
    args.add(Long.toString(call.since()));
    args.add(run.get());
    args.add(Integer.toString(call.subjects().size()));
    for (LeaseCall.Subject subject : call.subjects()) {
      keys.add(PREFIX + subject.subject());
      add(args, subject);
    }
    return leases.run(keys, args).map(reply -> read(reply, call));
  }

  private static void add(List<String> args, LeaseCall.Subject subject) {
    args.add(subject.subject());
    args.add(Long.toString(subject.position()));
    args.add(subject.anew());
    args.add(Integer.toString(subject.starts().size()));
    subject
        .starts()
        .forEach(
            (what, start) -> {
              args.add(what);
              args.add(start.date());
              args.add(Long.toString(start.day()));
              args.add(Long.toString(start.month()));
              args.add(Long.toString(start.lifetime()));
            });
    args.add(Integer.toString(subject.wishes().size()));
    for (LeaseWish wish : subject.wishes()) {
      args.add(wish.name());
      args.add(wish.window());
      args.add(Long.toString(wish.limit()));
      args.add(wish.told().spent());
      args.add(Long.toString(wish.told().back()));
      args.add(Long.toString(wish.asked().need()));
      args.add(Long.toString(wish.asked().want()));
      args.add(Long.toString(wish.asked().kept()));
      args.add(Long.toString(wish.told().has()));
    }
  }

  @Override
  public Future<Void> fund(String epoch, String tenantId, String fundingId, NanoUsd total) {
    return funds
        .run(
            List.of(STORE, PREFIX + "t:" + tenantId),
            List.of(epoch, fundingId, Long.toString(total.nanos())))
        .mapEmpty();
  }

  // --- answers ---

  private static LeaseReply read(Response reply, LeaseCall call) {
    String epoch = reply.get(1).toString();
    long clock = reply.get(2).toLong();
    return switch (reply.get(0).toString()) {
      case "EPOCH" -> new LeaseReply.OtherEpoch(epoch, clock);
      case "GONE" -> new LeaseReply.Gone(epoch, clock);
      case "HELLO" -> welcome(reply, epoch, clock);
      case "DONE" -> done(reply, epoch, clock, call);
      default -> throw new IllegalStateException("the lease script answered " + reply);
    };
  }

  private static LeaseReply welcome(Response reply, String epoch, long clock) {
    Map<String, Map<String, Long>> out = new LinkedHashMap<>();
    Map<String, Long> positions = new HashMap<>();
    String last = reply.get(5).toString();
    for (int at = 6; at < reply.size(); at += 2) {
      String subject = reply.get(at).toString();
      Map<String, Long> amounts = new LinkedHashMap<>();
      Matcher parts = OUT.matcher(reply.get(at + 1).toString());
      while (parts.find()) {
        if (parts.group(1).equals("@")) {
          positions.put(subject, Long.parseLong(parts.group(2)));
        } else {
          amounts.put(parts.group(1), Long.parseLong(parts.group(2)));
        }
      }
      out.put(subject, amounts);
    }
    return new LeaseReply.Welcome(
        epoch,
        clock,
        reply.get(3).toString(),
        reply.get(4).toLong(),
        last.isEmpty() ? -1 : Long.parseLong(last),
        out,
        positions);
  }

  private static LeaseReply done(Response reply, String epoch, long clock, LeaseCall call) {
    List<LeaseReply.Subject> subjects = new ArrayList<>(call.subjects().size());
    int at = 5;
    for (LeaseCall.Subject asked : call.subjects()) {
      LeaseReply.Status status = LeaseReply.Status.valueOf(reply.get(at + 1).toString());
      at += 2;
      List<LeaseGrant> grants = new ArrayList<>(asked.wishes().size());
      for (LeaseWish wish : asked.wishes()) {
        boolean money = wish.name().equals(LimitedAmount.MONEY);
        grants.add(grant(reply, at, money));
        at += money ? 8 : 6;
      }
      subjects.add(new LeaseReply.Subject(asked.subject(), status, grants));
    }
    List<String> recalled = new ArrayList<>();
    Map<String, Long> uncommitted = new HashMap<>();
    for (at++; at < reply.size(); at++) {
      String text = reply.get(at).toString();
      if (text.startsWith("=")) {
        uncommitted.put(text.substring(1), reply.get(++at).toLong());
      } else {
        recalled.add(text);
      }
    }
    return new LeaseReply.Done(
        epoch,
        clock,
        reply.get(3).toString(),
        reply.get(4).toLong(),
        subjects,
        recalled,
        uncommitted);
  }

  private static LeaseGrant grant(Response reply, int at, boolean money) {
    return new LeaseGrant(
        reply.get(at).toLong(),
        reply.get(at + 1).toLong(),
        reply.get(at + 2).toLong(),
        reply.get(at + 3).toLong(),
        reply.get(at + 4).toString(),
        reply.get(at + 5).toLong(),
        money ? reply.get(at + 6).toLong() : 0,
        money ? reply.get(at + 7).toString() : "");
  }
}
