package io.naap.contracts.edge;

import io.naap.contracts.problem.Refusal;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.net.impl.ConnectionBase;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Reads bodies, or their beginnings, into memory: never more than asked for, never more at once
 * than there is memory for, and not from a client that sends too slowly. Whatever can be judged
 * without the body is judged before this is called.
 */
@Singleton
public class BodyReader {
  private static final int FIRST_BYTES = 1_024;

  /** What a request takes whose body has not even begun to come: its connection and its objects. */
  private static final int OVERHEAD_BYTES = 4_096;

  private static final int LARGE_BYTES = 1 << 20;
  private static final int FIRST_BYTES_DECLARED = 16_384;
  private static final long LOOK_MILLIS = 1_000;
  private static final Duration GRACE = Duration.ofSeconds(5);

  private final EdgeConfig config;
  private final BodyMemory memory;
  private final EdgeMetrics metrics;
  private final Set<Reading> readings = ConcurrentHashMap.newKeySet();

  BodyReader(Vertx vertx, EdgeConfig config, EdgeMetrics metrics) {
    this.config = config;
    this.metrics = metrics;
    this.memory =
        new BodyMemory(
            config
                .bodyMemoryBytes()
                .orElse(
                    Math.max(
                        1, Runtime.getRuntime().maxMemory() / 100 * config.bodyMemoryPercent())));
    metrics.bodyMemory(memory);
    vertx.setPeriodic(LOOK_MILLIS, timer -> lookForLate());
  }

  /** Memory for a body of this client, and of this tenant where it is known. */
  public BodyMemory.Share share(String address, Optional<String> tenant) {
    BodyMemory.Owner byAddress =
        new BodyMemory.Owner("address:" + address, config.bodyMemoryPercentPerAddress());
    return memory.share(
        tenant.isEmpty()
            ? List.of(byAddress)
            : List.of(
                byAddress,
                new BodyMemory.Owner(
                    "tenant:" + tenant.get(), config.bodyMemoryPercentPerTenant())));
  }

  /** The same, by the tenant alone: for callers that many clients share an address with. */
  public BodyMemory.Share shareOf(String tenant) {
    return memory.share(
        List.of(new BodyMemory.Owner("tenant:" + tenant, config.bodyMemoryPercentPerTenant())));
  }

  /**
   * Reads all of a body. The request was paused, or not read from yet.
   *
   * @param most bytes; more are refused with 413
   * @return on the request's event loop; a failure has given the memory back
   */
  public Future<ReceivedBody> whole(HttpServerRequest request, long most, BodyMemory.Share share) {
    return read(new Reading(request, most, Integer.MAX_VALUE, share));
  }

  /**
   * Reads at least so many first bytes, or all; then the request is paused.
   *
   * @param enough what a body may not reach without being paused
   */
  public Future<ReceivedBody> beginning(
      HttpServerRequest request, int enough, BodyMemory.Share share) {
    return read(new Reading(request, Long.MAX_VALUE, enough, share));
  }

  /**
   * Charges what was made of a body, too.
   *
   * @throws Refusal.RefusedException when there is no memory for it
   */
  public void charge(BodyMemory.Share share, long bytes) {
    share
        .grow(bytes)
        .ifPresent(
            full -> {
              throw full(full);
            });
  }

  private Future<ReceivedBody> read(Reading reading) {
    long declared = declared(reading.request);
    if (declared > reading.most) {
      metrics.bodyRefused("too_large");
      return Future.failedFuture(tooLarge(reading.most));
    }
    ContextInternal loop = ((ConnectionBase) reading.request.connection()).getContext();
    if (loop.inThread()) {
      reading.begin(declared);
    } else {
      loop.runOnContext(ignored -> reading.begin(declared));
    }
    return reading.read.future();
  }

  /** The length a request declares, or -1. */
  public static long declared(HttpServerRequest request) {
    String length = request.getHeader("Content-Length");
    if (length == null) {
      return -1;
    }
    try {
      return Long.parseLong(length);
    } catch (NumberFormatException unreadable) {
      throw Refusal.of(400, "bad_request", "Content-Length is not a number.").raise();
    }
  }

  /** A request that declares a body, or may send one. */
  public static boolean hasBody(HttpServerRequest request) {
    String length = request.getHeader("Content-Length");
    return length != null
        ? !length.equals("0")
        : request.version() == HttpVersion.HTTP_2
            ? !request.isEnded()
            : request.getHeader("Transfer-Encoding") != null;
  }

  public static Refusal.RefusedException tooLarge(long most) {
    return Refusal.of(
            413, "body_too_large", "The body of this path may have at most " + most + " bytes.")
        .raise();
  }

  private Refusal.RefusedException full(BodyMemory.Full full) {
    return switch (full) {
      case PROCESS -> {
        metrics.bodyRefused("memory");
        yield new Refusal(
                503,
                "uploads_full",
                "Too many bodies are being read right now; try again.",
                null,
                Optional.of(2L))
            .raise();
      }
      case OWNER -> {
        metrics.bodyRefused("own_memory");
        yield new Refusal(
                429,
                "too_many_uploads",
                "Your own requests' bodies take all the memory you may have at once; send fewer at"
                    + " a time.",
                List.of("upload_memory"),
                Optional.of(2L))
            .raise();
      }
    };
  }

  private void lookForLate() {
    long now = System.nanoTime();
    for (Reading reading : readings) {
      if (reading.isLate(now)) {
        reading.loop().runOnContext(ignored -> reading.late());
      }
    }
  }

  /**
   * One body on its way. On the request's event loop only, save the question whether it is late.
   */
  private final class Reading {
    private final HttpServerRequest request;
    private final long most;
    private final int enough;
    private final BodyMemory.Share share;
    private final Promise<ReceivedBody> read = Promise.promise();
    private final long begunNanos = System.nanoTime();
    private byte[] bytes = new byte[0];
    private volatile int length;
    private long declared;
    private boolean over;

    Reading(HttpServerRequest request, long most, int enough, BodyMemory.Share share) {
      this.request = request;
      this.most = most;
      this.enough = enough;
      this.share = share;
    }

    ContextInternal loop() {
      return ((ConnectionBase) request.connection()).getContext();
    }

    void begin(long declaredBytes) {
      declared = declaredBytes;
      Optional<BodyMemory.Full> full = share.grow(OVERHEAD_BYTES);
      if (full.isPresent()) {
        share.release();
        read.tryFail(full(full.get()));
        return;
      }
      readings.add(this);
      request.handler(this::add);
      request.endHandler(ended -> done());
      // Nobody hears this answer; but it is no failure of ours.
      request.exceptionHandler(
          gone ->
              fail(
                  Refusal.of(400, "client_left", "The connection ended before the body did.")
                      .raise()));
      request.resume();
    }

    private void add(Buffer part) {
      if (over) {
        return;
      }
      int needed = length + part.length();
      if (needed > most || needed < 0) {
        metrics.bodyRefused("too_large");
        fail(tooLarge(most));
        return;
      }
      if (needed > bytes.length) {
        Optional<BodyMemory.Full> full = makeRoom(needed);
        if (full.isPresent()) {
          fail(full(full.get()));
          return;
        }
      }
      part.getBytes(bytes, length);
      length = needed;
      if (needed >= enough) {
        request.pause();
        done();
      }
    }

    /**
     * Doubles, or takes half as much again when it is large already; both the old and the new array
     * are there while it is copied.
     */
    private Optional<BodyMemory.Full> makeRoom(int needed) {
      long more = bytes.length < LARGE_BYTES ? 2L * bytes.length : 3L * bytes.length / 2;
      long wanted = Math.max(needed, Math.max(FIRST_BYTES, more));
      if (declared >= 0) {
        // A good part of it has come: taken at once, it is not copied from one array to the next.
        wanted =
            8L * needed > declared
                ? Math.max(needed, declared)
                : Math.max(needed, Math.min(Math.max(wanted, FIRST_BYTES_DECLARED), declared));
      }
      int capacity = (int) Math.min(Math.min(wanted, Math.max(most, needed)), 1 << 30);
      Optional<BodyMemory.Full> full = share.grow(capacity);
      if (full.isEmpty()) {
        int before = bytes.length;
        bytes = Arrays.copyOf(bytes, capacity);
        share.shrink(before);
      }
      return full;
    }

    private void done() {
      if (end()) {
        read.tryComplete(new ReceivedBody(bytes, length, share));
      }
    }

    private void fail(Throwable why) {
      if (end()) {
        bytes = new byte[0];
        share.release();
        read.tryFail(why);
      }
    }

    private boolean end() {
      if (over) {
        return false;
      }
      over = true;
      readings.remove(this);
      share.shrink(OVERHEAD_BYTES);
      request.handler(null);
      return true;
    }

    boolean isLate(long now) {
      long nanos = now - begunNanos;
      long counted = nanos - GRACE.toNanos();
      return nanos > config.bodyTotal().toNanos()
          || (length == 0 && nanos > config.bodyFirstByte().toNanos())
          || (counted > 0
              && length < counted / 1_000_000 * config.bodyLeastBytesPerSecond() / 1_000);
    }

    void late() {
      if (!over) {
        metrics.bodyRefused("late");
        fail(
            Refusal.of(408, "client_timeout", "The body did not come in time; send it again.")
                .raise());
      }
    }
  }
}
