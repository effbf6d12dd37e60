package io.naap.router.http;

import io.netty.channel.Channel;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.concurrent.TimeUnit;

/**
 * The end of HTTP/1 connections that must not live on. Vert.x closes one when all that was written
 * has left, which is never when the other side does not read; so what is left after a moment is
 * given up.
 */
public final class ConnectionClose {
  private static final long GRACE_MILLIS = 1_000;

  private ConnectionClose() {}

  /** Closes it, at the latest in a moment. */
  public static void close(HttpConnection connection) {
    connection.close();
    giveUp(connection);
  }

  /** It was told to close. */
  public static void giveUp(HttpConnection connection) {
    Channel channel = ((ConnectionBase) connection).channel();
    if (channel.isOpen()) {
      // A timer of Vert.x would be gone when the server stops, which waits for this connection;
      // and its own handler would wait again, so it is passed by.
      var unused =
          channel
              .eventLoop()
              .schedule(
                  () -> channel.unsafe().close(channel.unsafe().voidPromise()),
                  GRACE_MILLIS,
                  TimeUnit.MILLISECONDS);
    }
  }
}
