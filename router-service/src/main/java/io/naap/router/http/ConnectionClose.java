package io.naap.router.http;

import io.netty.channel.Channel;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.concurrent.TimeUnit;

/**
 * Closes HTTP/1 connections, at the latest a second later. Vert.x closes a connection when all that
 * was written has left, which is never when the other side does not read.
 */
public final class ConnectionClose {
  private static final long GRACE_MILLIS = 1_000;

  private ConnectionClose() {}

  /** Closes a connection. */
  public static void close(HttpConnection connection) {
    connection.close();
    giveUp(connection);
  }

  /** Closes the channel of a connection that was told to close and may not do so. */
  public static void giveUp(HttpConnection connection) {
    Channel channel = ((ConnectionBase) connection).channel();
    if (channel.isOpen()) {
      // Vert.x cancels its timers when the server stops, and the server waits for this connection;
      // the handlers of the channel would wait again, so its end is called directly.
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
