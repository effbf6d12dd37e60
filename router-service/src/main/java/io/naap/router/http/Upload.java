package io.naap.router.http;

import io.naap.contracts.edge.BodyMemory;
import io.naap.contracts.edge.BodyReader;
import io.naap.contracts.json.JsonLimits;
import io.naap.contracts.json.JsonScan;
import io.naap.contracts.problem.Refusal;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;

/**
 * A request that may have a body. The memory that the body takes is charged to its sender until the
 * answer ends.
 */
public final class Upload {
  /**
   * JSON of this size is parsed on a worker thread: it would block the event loop for a
   * millisecond.
   */
  public static final int LARGE_BYTES = 65_536;

  /** The memory that a parsed name or value takes beyond its text. */
  private static final int BYTES_PER_VALUE = 100;

  private final RoutingContext context;
  private final HttpServerRequest request;
  private final BodyReader reader;
  private final BodyMemory.Share memory;
  private final JsonLimits limits;
  private final Vertx vertx;

  Upload(
      RoutingContext context,
      BodyReader reader,
      BodyMemory.Share memory,
      JsonLimits limits,
      Vertx vertx) {
    this.context = context;
    this.request = context.request();
    this.reader = reader;
    this.memory = memory;
    this.limits = limits;
    this.vertx = vertx;
  }

  /** A body's beginning; the request is paused. */
  public record Beginning(Buffer bytes, boolean ended) {}

  public String getHeader(String name) {
    return request.getHeader(name);
  }

  /**
   * The request's headers of these names, as far as it has them, in a map that the caller may
   * change.
   */
  public Map<String, String> headers(String... names) {
    Map<String, String> headers = new LinkedHashMap<>();
    for (String name : names) {
      String value = request.getHeader(name);
      if (value != null) {
        headers.put(name, value);
      }
    }
    return headers;
  }

  /** A parameter of the request's path, or null. */
  public String pathParam(String name) {
    return context.pathParam(name);
  }

  public String uri() {
    return request.uri();
  }

  /** The length the request declares, or -1. */
  public long declared() {
    return BodyReader.declared(request);
  }

  /** Reads all of the body. */
  public Future<Buffer> whole(long most) {
    return reader.whole(request, most, memory).map(body -> body.buffer());
  }

  /** Reads at least {@code enough} first bytes, or all. */
  public Future<Beginning> beginning(int enough) {
    return reader
        .beginning(request, enough, memory)
        .map(body -> new Beginning(body.buffer(), body.length() < enough));
  }

  /**
   * Reads a whole body that is JSON in UTF-8, within the limits, and parses it: a small one on the
   * event loop.
   */
  public <T> Future<T> json(long most, Reading<T> reading) {
    return reader
        .whole(request, most, memory)
        .compose(
            body ->
                aside(
                    body.length(),
                    () -> {
                      requireReadable(body.bytes(), body.length());
                      // The parsed texts, and the body that is sent to the gateway.
                      reader.charge(memory, 2L * body.length());
                      return reading.of(body.buffer());
                    }));
  }

  /** Parses a text. */
  public interface Reading<T> {
    T of(Buffer text);
  }

  /** Does work for a body of this size: on a worker thread when it is large. */
  public <T> Future<T> aside(int bytes, Callable<T> work) {
    if (bytes >= LARGE_BYTES) {
      return vertx.executeBlocking(work, false);
    }
    try {
      return Future.succeededFuture(work.call());
    } catch (Exception failed) {
      return Future.failedFuture(failed);
    }
  }

  private void requireReadable(byte[] text, int length) {
    switch (JsonScan.scan(text, length, limits)) {
      case JsonScan.Result.Fine fine ->
          reader.charge(memory, (long) fine.values() * BYTES_PER_VALUE);
      case JsonScan.Result.Malformed malformed ->
          throw Refusal.of(
                  400, "malformed_json", "The body is not valid JSON: " + malformed.why() + ".")
              .raise();
      case JsonScan.Result.TooComplex complex ->
          throw Refusal.of(400, "json_too_complex", "The body " + complex.why() + ".").raise();
    }
  }
}
