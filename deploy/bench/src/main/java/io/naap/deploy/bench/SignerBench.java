package io.naap.deploy.bench;

import fr.acinq.secp256k1.Secp256k1;
import io.naap.deploy.bench.report.Figures;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.web3j.crypto.ECKeyPair;
import org.web3j.crypto.Hash;
import org.web3j.crypto.Sign;

/**
 * The remote signer: tickets and payments in a second, durable, with client, service and Postgres
 * on the cores of this machine; next to the two libraries alone.
 */
final class SignerBench {
  private static final int WARM_SECONDS = 30;
  private static final int SECONDS = 10;
  private static final Duration CONNECTED_WITHIN = Duration.ofMillis(500);

  private SignerBench() {}

  static void run(Path root, Figures figures) throws Exception {
    BigDecimal raw = figures.step("libsecp256k1 alone, one core", SignerBench::rawSignatures);
    BigDecimal hashed =
        figures.step("a ticket's hash, signature and v, one core", SignerBench::tickets);
    BigDecimal web3j = figures.step("web3j alone, one core", SignerBench::web3jSignatures);
    figures.plain("raw libsecp256k1 signatures, one core", raw, "1/s");
    figures.plain("tickets hashed and signed, libraries alone, one core", hashed, "1/s");
    figures.plain("web3j signatures alone, one core", web3j, "1/s");
    try (SignerLab lab = new SignerLab(root)) {
      figures.step(
          "start clearinghouse-service",
          () -> {
            lab.start(SignerLab.uncapped());
            return "pays";
          });
      // Until the compiler has the cores no longer: a signer that has run for a minute is the usual
      // one.
      figures.step("warm up", () -> load(lab, 16, WARM_SECONDS, 1).payments + " payments");
      for (int clients : new int[] {1, 4, 16}) {
        Load load = load(lab, clients, SECONDS, 1);
        String name = "one-ticket payment, " + clients + (clients == 1 ? " client" : " clients");
        figures.plain(
            "payments/s durable, one ticket each, " + clients + " at a time",
            rate(load.payments, load.nanos),
            "1/s");
        figures.latency(name + ", p50", load.percentile(50));
        figures.latencyAtMost(name + ", p99", load.percentile(99), "15", "4");
      }
      for (int rate : new int[] {100, 300}) {
        Load open = arriving(lab, rate, SECONDS);
        String name = "one-ticket payment, %d a second whatever the answers".formatted(rate);
        figures.latency(name + ", p50", open.percentile(50));
        figures.latencyAtMost(name + ", p99", open.percentile(99), "15", "4");
      }
      figures.step(
          "warm up hundreds", () -> load(lab, 8, WARM_SECONDS, 100).payments + " payments");
      Load hundred = load(lab, 8, SECONDS, 100);
      BigDecimal tickets = rate(hundred.payments * 100L, hundred.nanos);
      figures.atLeast("tickets/s durable, 100-ticket payments", tickets, "1/s", "8000", "20000");
      figures.plain(
          "payments/s durable, 100 tickets each", rate(hundred.payments, hundred.nanos), "1/s");
      Load again = repeated(lab, 8, SECONDS, 100);
      figures.plain(
          "tickets/s without the database write: the same requests again, looked up and signed anew",
          rate(again.payments * 100L, again.nanos),
          "1/s");
      figures.ratio("durable tickets next to web3j alone on one core", tickets, web3j);
      figures.ratio("durable tickets next to raw libsecp256k1 on one core", tickets, raw);
      long twice =
          lab.number(
              "select count(*) from ticket_batch a join ticket_batch b"
                  + " on a.recipient_rand_hash = b.recipient_rand_hash and a.id < b.id"
                  + " and a.first_nonce <= b.last_nonce and b.first_nonce <= a.last_nonce");
      figures.must("no nonce twice in the database", twice == 0, twice + " twice");
    }
  }

  /** What so many clients did. */
  static final class Load {
    long payments;
    long nanos;
    long[] latencies;

    long percentile(int percent) {
      return Figures.percentile(latencies, percent);
    }
  }

  private interface Client {
    /** Latencies of what it did until then. */
    long[] run(long end, long seed) throws Exception;
  }

  static Load load(SignerLab lab, int clients, int seconds, int tickets) throws Exception {
    return all(clients, seconds, (end, seed) -> pay(lab, tickets, end, seed));
  }

  private static Load repeated(SignerLab lab, int clients, int seconds, int tickets)
      throws Exception {
    return all(clients, seconds, (end, seed) -> payAgain(lab, tickets, end, seed));
  }

  private static Load all(int clients, int seconds, Client work) throws Exception {
    long begin = System.nanoTime();
    long end = begin + seconds * 1_000_000_000L;
    List<Future<long[]>> running = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(clients)) {
      for (int client = 0; client < clients; client++) {
        long seed = client;
        running.add(threads.submit(() -> work.run(end, seed + System.nanoTime())));
      }
    }
    Load load = new Load();
    load.nanos = System.nanoTime() - begin;
    List<long[]> all = new ArrayList<>();
    for (Future<long[]> one : running) {
      all.add(one.get());
      load.payments += one.get().length;
    }
    load.latencies = all.stream().flatMapToLong(Arrays::stream).sorted().toArray();
    return load;
  }

  /**
   * Payments that come at a rate of their own, as those of many streams do that know nothing of
   * each other: the time from one to the next is exponential (Poisson arrivals), so that some come
   * close together by chance and none by construction. Latency counts from when a payment was due,
   * so that a stall is seen by all that came during it.
   */
  private static Load arriving(SignerLab lab, int perSecond, int seconds) throws Exception {
    int clients = 32;
    double mean = clients * 1e9 / perSecond;
    // Gateways keep their connections: all are there before the first payment is due.
    long begin = System.nanoTime() + CONNECTED_WITHIN.toNanos();
    return all(
        clients,
        seconds,
        (end, seed) -> {
          SplittableRandom random = new SplittableRandom(seed);
          SignerLab.Orchestrator orchestrator = new SignerLab.Orchestrator(random.split());
          long due = begin + gap(random, mean);
          // No more room than is needed: a collector that copies it stops all clients meanwhile.
          long[] latencies = new long[16 + 4 * seconds * perSecond / clients];
          int count = 0;
          try (SignerLab.Client client = new SignerLab.Client(lab.signerPort)) {
            SignerLab.Paid last = null;
            for (; due < end && count < latencies.length; due += gap(random, mean)) {
              java.util.concurrent.locks.LockSupport.parkNanos(due - System.nanoTime());
              last = paid(client, orchestrator, 1, last);
              latencies[count++] = System.nanoTime() - due;
            }
          }
          return Arrays.copyOf(latencies, count);
        });
  }

  private static long gap(SplittableRandom random, double mean) {
    return (long) (-Math.log(1 - random.nextDouble()) * mean);
  }

  private static SignerLab.Paid paid(
      SignerLab.Client client,
      SignerLab.Orchestrator orchestrator,
      int tickets,
      SignerLab.Paid last)
      throws IOException {
    SignerLab.Paid paid =
        client.pay(
            last == null
                ? SignerLab.first(orchestrator, tickets)
                : SignerLab.next(orchestrator, tickets, last));
    if (paid.status() != 200) {
      throw new IOException("answered " + paid.status() + ": " + paid.body());
    }
    return paid;
  }

  private static long[] pay(SignerLab lab, int tickets, long end, long seed) throws IOException {
    SignerLab.Orchestrator orchestrator = new SignerLab.Orchestrator(new SplittableRandom(seed));
    long[] latencies = new long[200_000];
    int count = 0;
    try (SignerLab.Client client = new SignerLab.Client(lab.signerPort)) {
      SignerLab.Paid last = null;
      while (System.nanoTime() < end && count < latencies.length) {
        long start = System.nanoTime();
        last = paid(client, orchestrator, tickets, last);
        latencies[count++] = System.nanoTime() - start;
      }
    }
    return Arrays.copyOf(latencies, count);
  }

  private static long[] payAgain(SignerLab lab, int tickets, long end, long seed)
      throws IOException {
    SignerLab.Orchestrator orchestrator = new SignerLab.Orchestrator(new SplittableRandom(seed));
    long[] latencies = new long[200_000];
    int count = 0;
    try (SignerLab.Client client = new SignerLab.Client(lab.signerPort)) {
      String body =
          SignerLab.next(orchestrator, tickets, paid(client, orchestrator, tickets, null));
      while (System.nanoTime() < end && count < latencies.length) {
        long start = System.nanoTime();
        if (client.pay(body).status() != 200) {
          throw new IOException("the same request was not answered again");
        }
        latencies[count++] = System.nanoTime() - start;
      }
    }
    return Arrays.copyOf(latencies, count);
  }

  private static BigDecimal rate(long count, long nanos) {
    return BigDecimal.valueOf(count)
        .multiply(BigDecimal.valueOf(1_000_000_000L))
        .divide(BigDecimal.valueOf(nanos), 0, RoundingMode.HALF_UP);
  }

  private static BigDecimal rawSignatures() {
    byte[] key = HexFormat.of().parseHex(SignerLab.KEY);
    byte[] digest = new byte[32];
    return best(
        20_000,
        at -> {
          ByteBuffer.wrap(digest).putInt(at);
          Secp256k1.get().sign(digest, key);
        });
  }

  private static BigDecimal tickets() {
    byte[] key = HexFormat.of().parseHex(SignerLab.KEY);
    byte[] publicKey = Secp256k1.get().pubkeyCreate(key);
    byte[] preimage = new byte[232];
    byte[] prefixed = new byte[60];
    return best(
        10_000,
        at -> {
          ByteBuffer.wrap(preimage).putInt(at);
          byte[] hash = Hash.sha3(preimage);
          System.arraycopy(hash, 0, prefixed, 28, 32);
          byte[] digest = Hash.sha3(prefixed);
          byte[] signature = Secp256k1.get().sign(digest, key);
          if (!Arrays.equals(Secp256k1.get().ecdsaRecover(signature, digest, 0), publicKey)) {
            Secp256k1.get().ecdsaRecover(signature, digest, 1);
          }
        });
  }

  private static BigDecimal web3jSignatures() {
    ECKeyPair pair = ECKeyPair.create(new BigInteger(SignerLab.KEY, 16));
    byte[] hash = new byte[32];
    return best(
        1_000,
        at -> {
          ByteBuffer.wrap(hash).putInt(at);
          Sign.signPrefixedMessage(hash, pair);
        });
  }

  private interface Once {
    void run(int at);
  }

  /** The best of four rounds, of which the first ones warm the code up. */
  private static BigDecimal best(int rounds, Once once) {
    BigDecimal best = BigDecimal.ZERO;
    for (int round = 0; round < 4; round++) {
      long start = System.nanoTime();
      for (int at = 0; at < rounds; at++) {
        once.run(at);
      }
      best = best.max(rate(rounds, System.nanoTime() - start));
    }
    return best;
  }
}
