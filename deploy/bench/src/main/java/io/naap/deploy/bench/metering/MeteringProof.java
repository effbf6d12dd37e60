package io.naap.deploy.bench.metering;

import io.naap.deploy.bench.report.Figures;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import redis.clients.jedis.Jedis;

/**
 * Exactly once, proven: events with duplicates, in disorder, late and broken, taken in by two
 * processes of which one is killed every two seconds.
 */
public final class MeteringProof {
  private static final int TENANTS = 100;
  private static final int KILL_EVERY_MILLIS = 2_000;
  private static final long PATIENCE_NANOS = 420_000_000_000L;

  private MeteringProof() {}

  /** What was sent, as its maker counts it. */
  private static final class Sent {
    private long good;
    private long broken;
    private long late;
    private long copies;
    private long nanos;
    private final List<String> waiting = new ArrayList<>();
  }

  public static void run(Path root, int events, Figures figures) throws Exception {
    try (MeteringLab lab = new MeteringLab(root, Optional.empty(), false)) {
      MeteringLab.Service schema = figures.step("start metering-service", () -> lab.start("a"));
      schema.stop();
      // Last month is closed, so that what is of then comes late.
      lab.execute(
          """
          insert into tenant_account (tenant_id, closed_through, invoiced_through)
          select 'ten_01kaq3v7g8' || lpad(n::text, 16, '0'), date_trunc('month', now(), 'UTC'),
            date_trunc('month', now(), 'UTC') from generate_series(0, %d) n"""
              .formatted(TENANTS - 1));
      Sent sent = new Sent();
      try (Jedis jedis = lab.redis();
          ChargeTaker charges = ChargeTaker.start(lab, true)) {
        Thread sender = new Thread(() -> send(jedis, events, sent), "sender");
        sender.start();
        int kills = kill(lab, sender);
        sender.join();
        figures.must("consumers were killed on the way", kills > 0, kills + " kills");
        check(lab, charges, sent, figures);
      }
    }
  }

  private static void send(Jedis jedis, int events, Sent sent) {
    Traffic traffic = new Traffic(TENANTS, 11);
    SplittableRandom random = new SplittableRandom(13);
    List<String> entry = new ArrayList<>();
    Instant lastMonth =
        Instant.now()
            .atOffset(java.time.ZoneOffset.UTC)
            .withDayOfMonth(1)
            .toInstant()
            .minusSeconds(3L * 86_400);
    for (int at = 0; at < events; at++) {
      int dice = random.nextInt(1_000);
      boolean late = dice >= 5 && dice < 15;
      Traffic.Event event = traffic.next(late ? lastMonth.plusMillis(at) : Instant.now());
      if (dice < 5) {
        sent.broken++;
        entry.add(broken(event, dice));
      } else {
        sent.good++;
        sent.late += late ? 1 : 0;
        sent.nanos += event.nanos();
        // Out of order: it waits behind the next thousands.
        (dice < 65 && !late ? sent.waiting : entry).add(event.json());
        if (dice >= 950) {
          sent.copies++;
          (dice % 2 == 0 ? sent.waiting : entry).add(event.json());
        }
      }
      if (entry.size() >= MeteringLab.IN_AN_ENTRY) {
        MeteringLab.publish(jedis, entry);
        entry.clear();
      }
      if (sent.waiting.size() >= 3_000) {
        MeteringLab.publish(jedis, sent.waiting);
        sent.waiting.clear();
      }
    }
    entry.addAll(sent.waiting);
    MeteringLab.publish(jedis, entry);
  }

  /** Each kind is one that must be kept, and not counted. */
  private static String broken(Traffic.Event event, int kind) {
    return switch (kind) {
      case 0 -> event.json().replace("\"capability\":\"", "\"capability\":\"unheard-of-");
      case 1 -> event.json().replace(Traffic.PLAN, "pln_nobody@1");
      case 2 -> event.json().replace("\"key_id\":\"key_", "\"key_id\":\"nokey_");
      case 3 -> event.json().replace("\"units\":{", "\"units\":{\"pixels\":-5,");
      default -> event.json().replace("\"outcome\":\"succeeded\"", "\"outcome\":\"failed\"");
    };
  }

  private static int kill(MeteringLab lab, Thread sender) throws Exception {
    String[] names = {"a", "b"};
    MeteringLab.Service[] running = {lab.start("a"), lab.start("b")};
    int kills = 0;
    long end = System.nanoTime() + PATIENCE_NANOS;
    long last = System.nanoTime();
    while (System.nanoTime() < end) {
      Thread.sleep(100);
      if (System.nanoTime() - last > KILL_EVERY_MILLIS * 1_000_000L) {
        running[kills % 2].kill();
        running[kills % 2] = lab.start(names[kills % 2]);
        kills++;
        last = System.nanoTime();
      }
      if (!sender.isAlive() && pending(lab) == 0 && kills > 2) {
        break;
      }
    }
    // What is under way is finished, by processes that are let live.
    long quiet = System.nanoTime() + 60_000_000_000L;
    while ((pending(lab) > 0
            || lab.number("select count(*) from outbox where topic = 'naap:charges'") > 0)
        && System.nanoTime() < quiet) {
      Thread.sleep(200);
    }
    for (MeteringLab.Service service : running) {
      service.stop();
    }
    return kills;
  }

  /** Entries that no consumer has finished, read or not. */
  private static long pending(MeteringLab lab) {
    try (Jedis jedis = lab.redis()) {
      Object answer =
          jedis.eval(
              """
              local groups = redis.call('XINFO', 'GROUPS', KEYS[1])
              if #groups == 0 then return 1 end
              local info = {}
              for i = 1, #groups[1], 2 do info[groups[1][i]] = groups[1][i + 1] end
              local rest = redis.call('XRANGE', KEYS[1], '(' .. info['last-delivered-id'], '+', 'COUNT', 1)
              return info['pending'] + #rest""",
              List.of(MeteringLab.STREAM),
              List.of());
      return (Long) answer;
    }
  }

  private static void check(MeteringLab lab, ChargeTaker charges, Sent sent, Figures figures)
      throws Exception {
    long stored =
        lab.number("select count(*) from usage_event where state in ('accepted', 'late')");
    figures.must(
        "stored = sent - broken",
        stored == sent.good,
        "%,d stored, %,d sent with %,d copies, %,d broken"
            .formatted(stored, sent.good + sent.broken, sent.copies, sent.broken));
    long nanos =
        lab.number("select sum(cost) from usage_event where state in ('accepted', 'late')");
    figures.must(
        "sums equal the generator's own to the nano-dollar",
        nanos == sent.nanos,
        nanos + " and " + sent.nanos);
    for (String granularity : List.of("minute", "hour", "day")) {
      long summed = lab.number("select sum(cost) from usage_" + granularity);
      long counted = lab.number("select sum(events) from usage_" + granularity);
      figures.must(
          "the sums by the " + granularity + " are the events'",
          summed == sent.nanos && counted == sent.good,
          "%,d events, %d".formatted(counted, summed));
    }
    long apart =
        lab.number("select count(*) from usage_event where state = 'quarantined'")
            + lab.number("select count(*) from dead_letter");
    figures.must(
        "quarantine and dead letters hold exactly the broken ones",
        apart == sent.broken,
        apart + " of " + sent.broken);
    long late = lab.number("select count(*) from usage_event where state = 'late'");
    figures.must(
        "late events wait for the next invoice",
        late == sent.late && lab.number("select count(*) from adjustment") == sent.late,
        late + " late");
    figures.must(
        "every charge is announced",
        lab.number("select count(*) from outbox where topic = 'naap:charges'") == 0
            && charges.distinct() == sent.good,
        charges.taken() + " announcements, published again after a kill included");
    figures.must(
        "the spool's watermark has no gap but the unreadable",
        lab.number("select count(*) from spool") == 1,
        lab.number("select committed from spool") + " committed");
  }
}
