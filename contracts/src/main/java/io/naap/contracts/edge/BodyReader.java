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
 * Reads request bodies, or their first bytes, into memory. It refuses bodies above their size limit
 * (413), bodies for which {@link BodyMemory} has no room (503 or 429) and bodies that arrive too
 * slowly (408). Callers check everything that does not need the body first.
 */
@Singleton
public class BodyReader {
  private static final int FIRST_BYTES = 1_024;

  /**
   * Counted for each request whose body is being read, before its first byte: the connection and
   * its objects.
   */
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

  /** Starts counting the memory of a body for a client address and, where it is known, a tenant. */
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

  /**
   * Starts counting the memory of a body for a tenant alone, for callers whose address many clients
   * share.
   */
  public BodyMemory.Share shareOf(String tenant) {
    return memory.share(
        List.of(new BodyMemory.Owner("tenant:" + tenant, config.bodyMemoryPercentPerTenant())));
  }

  /**
   * Reads a whole body. The request must be paused or not yet read from.
   *
   * @param most bytes; more are refused with 413
   * @return completes on the request's event loop; when it fails, the memory has been returned
   */
  public Future<ReceivedBody> whole(HttpServerRequest request, long most, BodyMemory.Share share) {
    return read(new Reading(request, most, Integer.MAX_VALUE, share));
  }

  /**
   * Reads the first bytes of a body, at least {@code enough} unless the body is shorter, then
   * pauses the request.
   *
   * @param enough the number of bytes at which the request is paused
   */
  public Future<ReceivedBody> beginning(
      HttpServerRequest request, int enough, BodyMemory.Share share) {
    return read(new Reading(request, Long.MAX_VALUE, enough, share));
  }

  /**
   * Counts further bytes for a body, for example those of the objects parsed from it.
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

  /** The value of {@code Content-Length}, or -1 without one. */
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

  /** True when a request declares a body, or when over HTTP/2 its stream is still open. */
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
   * A body that is being read. All methods run on the request's event loop, except {@link #isLate}.
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
      // The client has disconnected and receives no response; 400 keeps this from counting as an
      // error of ours.
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
     * Enlarges the array: doubles it, or adds half above {@link #LARGE_BYTES}. While the old array
     * is copied, both are counted.
     */
    private Optional<BodyMemory.Full> makeRoom(int needed) {
      long more = bytes.length < LARGE_BYTES ? 2L * bytes.length : 3L * bytes.length / 2;
      long wanted = Math.max(needed, Math.max(FIRST_BYTES, more));
      if (declared >= 0) {
        // Once an eighth of the declared length has arrived, the rest is allocated at once, which
        // saves copies.
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
