package io.naap.router.proxy;

import io.naap.contracts.problem.Refusal;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Duration;

/** Reads a request's body, never more of it than asked for. */
public final class Bodies {
  private static final long SMALL = 65_536;

  private Bodies() {}

  /** A body's beginning. */
  public record Head(Buffer bytes, boolean ended) {}

  /** The whole body of a request that was paused. */
  public static Future<Buffer> whole(HttpServerRequest request, long most) {
    return whole(request, most, Promise.promise());
  }

  /** The same, given up when nothing more comes for so long. */
  public static Future<Buffer> whole(HttpServerRequest request, long most, Duration idle) {
    Promise<Buffer> read = Promise.promise();
    hurry(request, idle, read);
    return whole(request, most, read);
  }

  private static Future<Buffer> whole(HttpServerRequest request, long most, Promise<Buffer> read) {
    Buffer body = Buffer.buffer();
    if (declared(request) > most) {
      read.tryFail(tooLarge(most));
      return read.future();
    }
    request.handler(
        bytes -> {
          if (body.length() + bytes.length() > most) {
            request.handler(null);
            read.tryFail(tooLarge(most));
          } else {
            body.appendBuffer(bytes);
          }
        });
    request.endHandler(ended -> read.tryComplete(body));
    request.exceptionHandler(read::tryFail);
    request.resume();
    return read.future();
  }

  /** At least so many first bytes, or all; the request is paused again afterwards. */
  public static Future<Head> head(HttpServerRequest request, int enough, Duration idle) {
    Promise<Head> read = Promise.promise();
    hurry(request, idle, read);
    Buffer body = Buffer.buffer();
    request.handler(
        bytes -> {
          body.appendBuffer(bytes);
          if (body.length() >= enough) {
            request.pause();
            read.tryComplete(new Head(body, false));
          }
        });
    request.endHandler(ended -> read.tryComplete(new Head(body, true)));
    request.exceptionHandler(read::tryFail);
    request.resume();
    return read.future();
  }

  /**
   * Small bodies are not worth a timer; what is large, or does not say, holds memory and others'
   * places while it is read.
   */
  private static void hurry(HttpServerRequest request, Duration idle, Promise<?> read) {
    long declared = declared(request);
    if (declared >= 0 && declared <= SMALL) {
      return;
    }
    Vertx vertx = ((ConnectionBase) request.connection()).getContext().owner();
    long[] before = {-1};
    long timer =
        vertx.setPeriodic(
            idle.toMillis(),
            look -> {
              if (request.bytesRead() == before[0]) {
                request.handler(null);
                read.tryFail(
                    Refusal.of(
                            408, "client_timeout", "The body did not come in time; send it again.")
                        .raise());
              }
              before[0] = request.bytesRead();
            });
    read.future().onComplete(over -> vertx.cancelTimer(timer));
  }

  /** The length a request declares, or -1. */
  public static long declared(HttpServerRequest request) {
    String length = request.getHeader("Content-Length");
    return length == null ? -1 : Long.parseLong(length);
  }

  public static Refusal.RefusedException tooLarge(long most) {
    return Refusal.of(
            413, "body_too_large", "The body of this path may have at most " + most + " bytes.")
        .raise();
  }
}
