package io.naap.router.proxy;

import io.naap.contracts.problem.Refusal;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;

/** Reads a request's body, never more of it than asked for. */
public final class Bodies {
  private Bodies() {}

  /** A body's beginning. */
  public record Head(Buffer bytes, boolean ended) {}

  /** The whole body of a request that was paused. */
  public static Future<Buffer> whole(HttpServerRequest request, long most) {
    Promise<Buffer> read = Promise.promise();
    Buffer body = Buffer.buffer();
    if (declared(request) > most) {
      return Future.failedFuture(tooLarge(most));
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
  public static Future<Head> head(HttpServerRequest request, int enough) {
    Promise<Head> read = Promise.promise();
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
