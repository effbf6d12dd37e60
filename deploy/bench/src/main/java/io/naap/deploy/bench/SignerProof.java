package io.naap.deploy.bench;

import io.naap.deploy.bench.report.Figures;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What must never happen, tried often: a signature that a client saw and the database does not
 * know, a nonce twice, two successors of one state, a wei above a cap, a signature for a hostile
 * request.
 */
final class SignerProof {
  private static final int CLIENTS = 8;

  private final SignerLab lab;
  private final Figures figures;
  private final boolean small;
  private final int kills;
  private final SplittableRandom random = new SplittableRandom(7);

  private SignerProof(SignerLab lab, Figures figures, boolean small, int kills) {
    this.lab = lab;
    this.figures = figures;
    this.small = small;
    this.kills = kills;
  }

  static void run(Path root, boolean small, int kills, Figures figures) throws Exception {
    try (SignerLab lab = new SignerLab(root)) {
      SignerProof proof = new SignerProof(lab, figures, small, kills);
      lab.start(SignerLab.uncapped());
      proof.nonces();
      proof.forks();
      proof.hostile();
      proof.mutated();
      proof.kills();
      lab.kill();
      proof.cap();
    }
  }

  /** Tickets a client saw: the secret's hash, and the nonces under it. */
  private record Seen(String hash, int first, int last) {}

  private void nonces() throws Exception {
    int wanted = small ? 16_000 : 640_000;
    ConcurrentLinkedQueue<Seen> seen = new ConcurrentLinkedQueue<>();
    figures.step(
        "%,d tickets from %d clients".formatted(wanted, CLIENTS),
        () -> {
          parallel(
              client -> {
                SignerLab.Orchestrator orchestrator =
                    new SignerLab.Orchestrator(new SplittableRandom(client));
                try (SignerLab.Client connection = new SignerLab.Client(lab.signerPort)) {
                  for (int at = 0; at < wanted / 100 / CLIENTS; at++) {
                    SignerLab.Paid paid = connection.pay(SignerLab.first(orchestrator, 100));
                    if (paid.status() != 200) {
                      throw new IOException("answered " + paid.status() + " " + paid.body());
                    }
                    seen.addAll(read(paid.payment()));
                  }
                }
              });
          return seen.stream().mapToInt(s -> s.last() - s.first() + 1).sum() + " signed";
        });
    Set<String> all = new HashSet<>();
    int twice = 0;
    for (Seen one : seen) {
      for (int nonce = one.first(); nonce <= one.last(); nonce++) {
        twice += all.add(one.hash() + nonce) ? 0 : 1;
      }
    }
    figures.must(
        "no nonce twice among %,d tickets".formatted(wanted),
        twice == 0 && all.size() >= wanted,
        twice + " twice of " + all.size());
    known(seen, "every ticket a client saw is in the database");
  }

  private void forks() throws Exception {
    int states = small ? 50 : 1_000;
    int[] successors = new int[states];
    figures.step(
        "%,d states, each forked four ways at once".formatted(states),
        () -> {
          try (ExecutorService threads = Executors.newFixedThreadPool(4);
              SignerLab.Client connection = new SignerLab.Client(lab.signerPort)) {
            for (int state = 0; state < states; state++) {
              SignerLab.Orchestrator orchestrator = new SignerLab.Orchestrator(random.split());
              SignerLab.Paid first = connection.pay(SignerLab.first(orchestrator, 1));
              List<Future<String>> forks = new ArrayList<>();
              for (int fork = 0; fork < 4; fork++) {
                String body = SignerLab.next(orchestrator, 1, first);
                forks.add(
                    threads.submit(
                        () -> {
                          try (SignerLab.Client own = new SignerLab.Client(lab.signerPort)) {
                            SignerLab.Paid paid = own.pay(body);
                            return paid.status() == 200
                                ? HexFormat.of().formatHex(paid.payment())
                                : "";
                          }
                        }));
              }
              // A fork may be refused, or get the payment the state has led to already.
              Set<String> payments = new HashSet<>();
              for (Future<String> fork : forks) {
                payments.add(fork.get());
              }
              payments.remove("");
              successors[state] = payments.size();
            }
          }
          return "done";
        });
    long wrong = java.util.Arrays.stream(successors).filter(n -> n != 1).count();
    figures.must(
        "%,d forked states give one successor each".formatted(states),
        wrong == 0,
        wrong + " do not");
  }

  private void hostile() throws Exception {
    List<String> bodies = HostileBodies.all(random);
    long before = lab.number("select coalesce(sum(tickets), 0) from ticket_batch");
    int server = 0;
    int signed = 0;
    for (String body : bodies) {
      try (SignerLab.Client client = new SignerLab.Client(lab.signerPort)) {
        int status = client.pay(body).status();
        server += status >= 500 ? 1 : 0;
        signed += status == 200 ? 1 : 0;
      }
    }
    long after = lab.number("select coalesce(sum(tickets), 0) from ticket_batch");
    figures.must(
        "%d hostile requests: no signature, no 5xx".formatted(bodies.size()),
        bodies.size() >= 300 && server == 0 && signed == 0 && after == before,
        server + " 5xx, " + signed + " signed");
  }

  /** The base has no auth token: whatever else a mutation makes of it, it must be refused. */
  private void mutated() throws Exception {
    int count = small ? 2_000 : 100_000;
    int[] bad = new int[2];
    long before = lab.number("select coalesce(sum(tickets), 0) from ticket_batch");
    figures.step(
        "%,d mutated protobufs".formatted(count),
        () -> {
          SignerLab.Client client = new SignerLab.Client(lab.signerPort);
          for (int at = 0; at < count; at++) {
            byte[] info = new SignerLab.Orchestrator(random).info(false);
            byte[] mutant = HostileBodies.mutate(info, random);
            String body =
                "{\"orchestrator\":\""
                    + Base64.getEncoder().encodeToString(mutant)
                    + "\",\"type\":\"lv2v\"}";
            int status;
            try {
              status = client.pay(body).status();
            } catch (IOException closed) {
              client.close();
              client = new SignerLab.Client(lab.signerPort);
              status = client.pay(body).status();
            }
            bad[0] += status >= 500 ? 1 : 0;
            bad[1] += status == 200 ? 1 : 0;
          }
          client.close();
          return "done";
        });
    long after = lab.number("select coalesce(sum(tickets), 0) from ticket_batch");
    figures.must(
        "%,d mutated protobufs: no signature, no 5xx".formatted(count),
        bad[0] == 0 && bad[1] == 0 && after == before,
        bad[0] + " 5xx, " + bad[1] + " signed");
  }

  private void kills() throws Exception {
    ConcurrentLinkedQueue<Seen> seen = new ConcurrentLinkedQueue<>();
    AtomicBoolean stop = new AtomicBoolean();
    Map<String, String> properties = SignerLab.uncapped();
    properties.put("tier", "1");
    figures.step(
        kills + " kills while signing",
        () -> {
          try (ExecutorService threads = Executors.newFixedThreadPool(CLIENTS)) {
            List<Future<?>> clients = new ArrayList<>();
            for (int client = 0; client < CLIENTS; client++) {
              int seed = client + 1_000;
              clients.add(threads.submit(() -> signThroughCrashes(seed, seen, stop)));
            }
            for (int kill = 0; kill < kills; kill++) {
              Thread.sleep(50 + random.nextInt(300));
              lab.kill();
              lab.start(properties);
            }
            stop.set(true);
            for (Future<?> client : clients) {
              client.get();
            }
          }
          return seen.size() + " payments seen";
        });
    known(seen, "after %d kills no signature a client saw is missing".formatted(kills));
    Set<String> all = new HashSet<>();
    int twice = 0;
    for (Seen one : new HashSet<>(seen)) {
      for (int nonce = one.first(); nonce <= one.last(); nonce++) {
        twice += all.add(one.hash() + nonce) ? 0 : 1;
      }
    }
    figures.must(
        "after %d kills no nonce twice".formatted(kills),
        twice == 0 && !seen.isEmpty(),
        twice + " twice of " + all.size());
  }

  /** Asks again with the same body when an answer was lost, as a gateway does. */
  private void signThroughCrashes(int seed, ConcurrentLinkedQueue<Seen> seen, AtomicBoolean stop) {
    SplittableRandom own = new SplittableRandom(seed);
    SignerLab.Orchestrator orchestrator = new SignerLab.Orchestrator(own);
    SignerLab.Paid last = null;
    String body = null;
    while (!stop.get()) {
      try (SignerLab.Client client = new SignerLab.Client(lab.signerPort)) {
        while (!stop.get()) {
          if (body == null) {
            body =
                last == null || own.nextInt(20) == 0
                    ? SignerLab.first(orchestrator, 1 + own.nextInt(20))
                    : SignerLab.next(orchestrator, 1 + own.nextInt(20), last);
          }
          SignerLab.Paid paid = client.pay(body);
          if (paid.status() == 200) {
            seen.addAll(read(paid.payment()));
            last = paid;
            body = null;
          } else if (paid.status() != 503) {
            last = null;
            body = null;
          }
        }
      } catch (IOException killed) {
        try {
          Thread.sleep(20);
        } catch (InterruptedException stopped) {
          return;
        }
      }
    }
  }

  private void cap() throws Exception {
    BigInteger already = lab.bigNumber("select coalesce(sum(expected_value), 0) from ticket_batch");
    BigInteger cap = already.add(new BigInteger("1234567890123456"));
    Map<String, String> properties = SignerLab.uncapped();
    properties.put("naap.clearinghouse.signer.max-platform-daily-ev", cap.toString());
    lab.start(properties);
    int[] refused = new int[1];
    figures.step(
        "parallel payments at the edge of a cap",
        () -> {
          parallel(
              client -> {
                SplittableRandom own = new SplittableRandom(client + 5_000);
                SignerLab.Orchestrator orchestrator = new SignerLab.Orchestrator(own);
                try (SignerLab.Client connection = new SignerLab.Client(lab.signerPort)) {
                  for (int at = 0; at < 400; at++) {
                    int status =
                        connection.pay(SignerLab.first(orchestrator, 1 + own.nextInt(7))).status();
                    synchronized (refused) {
                      refused[0] += status == 429 ? 1 : 0;
                    }
                  }
                }
              });
          return refused[0] + " refused";
        });
    BigInteger spent = lab.bigNumber("select sum(expected_value) from ticket_batch");
    BigInteger left = cap.subtract(spent);
    figures.must(
        "spend is never above a cap by one wei",
        left.signum() >= 0 && refused[0] > 0,
        left + " wei left under the cap");
  }

  private interface Work {
    void run(int client) throws Exception;
  }

  private static void parallel(Work work) throws Exception {
    List<Future<?>> running = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(CLIENTS)) {
      for (int client = 0; client < CLIENTS; client++) {
        int own = client;
        running.add(
            threads.submit(
                () -> {
                  work.run(own);
                  return null;
                }));
      }
    }
    for (Future<?> one : running) {
      one.get();
    }
  }

  private void known(Iterable<Seen> seen, String name) throws Exception {
    int missing = 0;
    int count = 0;
    try (Connection connection = lab.connection();
        PreparedStatement find =
            connection.prepareStatement(
                "select count(*) from ticket_batch where recipient_rand_hash = ?"
                    + " and first_nonce <= ? and last_nonce >= ?")) {
      for (Seen one : seen) {
        find.setBytes(1, HexFormat.of().parseHex(one.hash()));
        find.setInt(2, one.first());
        find.setInt(3, one.last());
        try (ResultSet rows = find.executeQuery()) {
          rows.next();
          missing += rows.getInt(1) == 1 ? 0 : 1;
          count++;
        }
      }
    }
    figures.must(name, missing == 0 && count > 0, missing + " missing of " + count);
  }

  /** The secret's hash and the nonces of a payment: fields 1.4 and 4.1. */
  private static List<Seen> read(byte[] payment) throws IOException {
    String hash = "";
    int first = Integer.MAX_VALUE;
    int last = 0;
    ByteArrayInputStream in = new ByteArrayInputStream(payment);
    while (in.available() > 0) {
      long tag = varint(in);
      byte[] field = in.readNBytes((int) varint(in));
      if (tag == (1 << 3 | 2)) {
        ByteArrayInputStream params = new ByteArrayInputStream(field);
        while (params.available() > 0) {
          long inner = varint(params);
          byte[] value = params.readNBytes((int) varint(params));
          if (inner == (4 << 3 | 2)) {
            hash = HexFormat.of().formatHex(value);
          }
        }
      } else if (tag == (4 << 3 | 2)) {
        ByteArrayInputStream ticket = new ByteArrayInputStream(field);
        varint(ticket);
        int nonce = (int) varint(ticket);
        first = Math.min(first, nonce);
        last = Math.max(last, nonce);
      }
    }
    return List.of(new Seen(hash, first, last));
  }

  private static long varint(ByteArrayInputStream in) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      int next = in.read();
      value |= (long) (next & 0x7f) << shift;
      if ((next & 0x80) == 0) {
        return value;
      }
    }
  }
}
