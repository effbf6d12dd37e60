package io.naap.router.admission.lease;

import io.naap.contracts.money.NanoUsd;
import io.naap.router.admission.quota.LeaseGrant;
import io.naap.router.admission.quota.LeaseWish;
import io.naap.router.admission.quota.LimitedAmount;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.impl.ContextInternal;
import io.vertx.redis.client.RedisAPI;
import io.vertx.redis.client.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Shares in Redis: one atomic script a call. */
public final class RedisLeaseStore implements LeaseStore {
  private static final Pattern OUT = Pattern.compile("([^=;]+)=(-?[0-9]+):[0-9]+");

  private final RedisAPI redis;
  private final String instance;
  private final Duration lease;
  private final Duration rebuild;
  private final Duration abandoned;
  private final Duration timeout;
  private final LongSupplier now;
  private final Supplier<String> run;
  private final Script leases = new Script("lease");
  private final Script funds = new Script("fund");

  /**
   * @param timeout of one call
   * @param now milliseconds, or 0 for Redis' own clock
   * @param run names the server's life since it was started, or empty for what it says itself
   */
  public RedisLeaseStore(
      RedisAPI redis,
      String instance,
      Duration lease,
      Duration rebuild,
      Duration abandoned,
      Duration timeout,
      LongSupplier now,
      Supplier<String> run) {
    this.redis = redis;
    this.instance = instance;
    this.lease = lease;
    this.rebuild = rebuild;
    this.abandoned = abandoned;
    this.timeout = timeout;
    this.now = now;
    this.run = run;
  }

  @Override
  public Future<LeaseReply> lease(LeaseCall call) {
    List<String> args = new ArrayList<>(16 + call.subjects().size() * 40);
    args.add(Long.toString(now.getAsLong()));
    args.add(call.epoch());
    args.add(call.freshEpoch());
    args.add(instance);
    args.add(Long.toString(call.number()));
    args.add(Long.toString(lease.toMillis()));
    args.add(Long.toString(rebuild.toMillis()));
    args.add(Long.toString(abandoned.toMillis()));
    args.add(call.hello() ? "1" : "0");
    args.add(Long.toString(call.uncommitted()));
    args.add(Long.toString(call.since()));
    args.add(run.get());
    args.add(Integer.toString(call.subjects().size()));
    for (LeaseCall.Subject subject : call.subjects()) {
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
    return leases.run(args).map(reply -> read(reply, call));
  }

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
      List<LeaseGrant> amounts = new ArrayList<>(asked.wishes().size());
      for (LeaseWish wish : asked.wishes()) {
        boolean money = wish.name().equals(LimitedAmount.MONEY);
        amounts.add(
            new LeaseGrant(
                reply.get(at).toLong(),
                reply.get(at + 1).toLong(),
                reply.get(at + 2).toLong(),
                reply.get(at + 3).toLong(),
                reply.get(at + 4).toString(),
                reply.get(at + 5).toLong(),
                money ? reply.get(at + 6).toLong() : 0,
                money ? reply.get(at + 7).toString() : ""));
        at += money ? 8 : 6;
      }
      subjects.add(new LeaseReply.Subject(asked.subject(), status, amounts));
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

  @Override
  public Future<Void> fund(String epoch, String tenantId, String fundingId, NanoUsd total) {
    return funds.run(List.of(epoch, tenantId, fundingId, Long.toString(total.nanos()))).mapEmpty();
  }

  /** A script, sent whole only when the store has not seen it. */
  private final class Script {
    private final String text;
    private volatile String sha;

    Script(String name) {
      try (InputStream file =
          RedisLeaseStore.class.getResourceAsStream("/admission/" + name + ".lua")) {
        text = new String(file.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException unreadable) {
        throw new UncheckedIOException(unreadable);
      }
    }

    Future<Response> run(List<String> args) {
      // Timed by the caller's own loop: a future of no context starts a thread for each timeout.
      ContextInternal loop = ContextInternal.current();
      Promise<Response> answered = loop == null ? Promise.promise() : loop.promise();
      attempt(args, true).onComplete(answered);
      return answered.future().timeout(timeout.toMillis(), TimeUnit.MILLISECONDS);
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
