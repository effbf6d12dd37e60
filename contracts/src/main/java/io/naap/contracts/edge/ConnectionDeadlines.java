package io.naap.contracts.edge;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.util.AttributeKey;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Closes connections to public ports that are idle or too slow: no request after opening, an
 * incomplete request head, keep-alive without a request, a client that does not read its response,
 * or a body that nobody reads. Bodies that are read have the deadlines of {@link BodyReader}. A
 * request that waits for its response has no deadline here, and neither has a response that sends
 * nothing for minutes.
 *
 * <p>Only Netty sees a connection before its first request. Therefore the first request of a port
 * adds a handler to the channel that accepts the port's connections; {@link #knock} sends that
 * request when a service starts.
 */
public final class ConnectionDeadlines {
  private static final AttributeKey<State> STATE =
      AttributeKey.valueOf(ConnectionDeadlines.class, "state");
  private static final AttributeKey<Boolean> WATCHED =
      AttributeKey.valueOf(ConnectionDeadlines.class, "watched");
  private static final long LINGER_MILLIS = 1_000;
  private static final long KNOCK_MILLIS = 250;
  private static final int KNOCKS = 240;
  private static volatile Limits limits =
      new Limits(Duration.ofSeconds(20), Duration.ofSeconds(75), Duration.ofSeconds(20));

  private ConnectionDeadlines() {}

  /** The longest that each phase of a connection may take. */
  public record Limits(Duration headWithin, Duration keepAlive, Duration stalledReader) {
    private long lookEveryMillis() {
      return Math.max(50, Math.min(headWithin.toMillis(), stalledReader.toMillis()) / 4);
    }
  }

  /** Sets the deadlines for all ports of this process. */
  public static void set(Limits configured) {
    limits = configured;
  }

  /**
   * Called when a request's head has been read: records that the request runs, now, and that it
   * ends when its response has been written.
   */
  public static void watch(HttpServerRequest request) {
    begins(request.connection());
    boolean hasBody = hasBody(request);
    request
        .response()
        .endHandler(answered -> ends(request.connection(), !hasBody || request.isEnded()));
  }

  /**
   * True when a body may be left unread on the connection. Over HTTP/2 false, because only the
   * stream ends.
   */
  static boolean hasBody(HttpServerRequest request) {
    return request.version() != HttpVersion.HTTP_2 && BodyReader.hasBody(request);
  }

  /**
   * Called when a request's head has been read. {@link #ends} must follow when its response has
   * been written.
   */
  public static void begins(HttpConnection connection) {
    Channel channel = ((ConnectionBase) connection).channel();
    State state = channel.attr(STATE).get();
    if (state != null) {
      state.running++;
    } else if (channel.parent() != null
        && channel.parent().attr(WATCHED).setIfAbsent(Boolean.TRUE) == null) {
      channel.parent().pipeline().addFirst(new Accepting());
    }
  }

  /**
   * Called when a request's response has been written or its client has disconnected.
   *
   * @param complete whether the whole request was read; otherwise the connection is closed after a
   *     second, in which the client can read the response
   */
  public static void ends(HttpConnection connection, boolean complete) {
    Channel channel = ((ConnectionBase) connection).channel();
    State state = channel.attr(STATE).get();
    if (state != null && --state.running == 0) {
      state.sinceNanos = System.nanoTime();
      state.readingHead = false;
    }
    if (!complete && channel.isActive()) {
      var unused =
          channel
              .eventLoop()
              .schedule(
                  () -> channel.unsafe().close(channel.unsafe().voidPromise()),
                  LINGER_MILLIS,
                  TimeUnit.MILLISECONDS);
    }
  }

  /** Sends a port of this process its first request as soon as the port accepts connections. */
  public static void knock(Vertx vertx, int port) {
    NetClient client = vertx.createNetClient();
    int[] left = {KNOCKS};
    vertx.setPeriodic(
        KNOCK_MILLIS,
        timer ->
            client
                .connect(port, "127.0.0.1")
                .onSuccess(
                    socket -> {
                      vertx.cancelTimer(timer);
                      socket.closeHandler(answered -> client.close());
                      socket.write("GET /knock HTTP/1.0\r\n\r\n");
                    })
                .onFailure(
                    notYet -> {
                      if (--left[0] == 0) {
                        vertx.cancelTimer(timer);
                        client.close();
                      }
                    }));
  }

  /** Adds a {@link State} to each connection of a port. */
  @ChannelHandler.Sharable
  private static final class Accepting extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object accepted) {
      if (accepted instanceof Channel channel) {
        State state = new State();
        channel.attr(STATE).set(state);
        channel.pipeline().addFirst(state);
      }
      context.fireChannelRead(accepted);
    }
  }

  /** The state of one connection; used on its event loop only. */
  private static final class State extends ChannelDuplexHandler {
    private long sinceNanos = System.nanoTime();
    private boolean readingHead = true;
    private int running;
    private long pendingBytes;
    private long progressBytes;
    private long pendingSinceNanos;

    @Override
    public void channelActive(ChannelHandlerContext context) {
      sinceNanos = System.nanoTime();
      schedule(context);
      context.fireChannelActive();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      // While a request runs, bytes that arrive are its body, or a next request that waits for it
      // to end.
      if (running == 0 && !readingHead) {
        readingHead = true;
        sinceNanos = System.nanoTime();
      }
      context.fireChannelRead(message);
    }

    private void schedule(ChannelHandlerContext context) {
      var unused =
          context
              .executor()
              .schedule(() -> look(context), limits.lookEveryMillis(), TimeUnit.MILLISECONDS);
    }

    private void look(ChannelHandlerContext context) {
      Channel channel = context.channel();
      if (!channel.isActive()) {
        return;
      }
      if (isLate() || isStalled(channel)) {
        // Closes below the other handlers, which would wait until all pending bytes are written.
        channel.unsafe().close(channel.unsafe().voidPromise());
        return;
      }
      schedule(context);
    }

    private boolean isLate() {
      return running == 0
          && System.nanoTime() - sinceNanos
              > (readingHead ? limits.headWithin : limits.keepAlive).toNanos();
    }

    /** True when bytes are waiting to be sent and none has been sent for too long. */
    private boolean isStalled(Channel channel) {
      ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
      long pending = out == null ? 0 : out.totalPendingWriteBytes();
      long progress = out == null ? 0 : out.currentProgress();
      long now = System.nanoTime();
      if (pending == 0 || pending < pendingBytes || progress != progressBytes) {
        pendingSinceNanos = now;
      }
      pendingBytes = pending;
      progressBytes = progress;
      return pending > 0 && now - pendingSinceNanos > limits.stalledReader.toNanos();
    }
  }
}
