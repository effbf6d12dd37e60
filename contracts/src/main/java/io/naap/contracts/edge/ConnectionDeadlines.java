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
 * Ends connections of our public ports that are half open or too slow: one that opens and sends
 * nothing, one whose request's head does not become complete, one that stays open unused, one whose
 * client does not read its answer, and one whose body nobody wants. Bodies that are read have
 * deadlines of their own ({@link BodyReader}), and a request that waits for its answer, or an
 * answer with nothing to send for minutes, has none here.
 *
 * <p>Nothing above Netty sees a connection before its first request. So the first request of a port
 * puts a handler on the channel that accepts the port's connections; {@link #knock} sends that
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

  /** How long each may take. */
  public record Limits(Duration headWithin, Duration keepAlive, Duration stalledReader) {
    private long lookEveryMillis() {
      return Math.max(50, Math.min(headWithin.toMillis(), stalledReader.toMillis()) / 4);
    }
  }

  /** For all ports of this process. */
  public static void set(Limits configured) {
    limits = configured;
  }

  /** A request's head has come; tells the connection's deadlines now and when it was answered. */
  public static void watch(HttpServerRequest request) {
    begins(request.connection());
    boolean hasBody = hasBody(request);
    request
        .response()
        .endHandler(answered -> ends(request.connection(), !hasBody || request.isEnded()));
  }

  /** Whether a body may be left unread on the connection; over HTTP/2 only its stream ends. */
  static boolean hasBody(HttpServerRequest request) {
    return request.version() != HttpVersion.HTTP_2 && BodyReader.hasBody(request);
  }

  /** A request's head has come. {@link #ends} must follow when its answer has been written. */
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
   * A request's answer has been written, or its client is gone.
   *
   * @param complete whether all of the request had been read; otherwise the connection ends, after
   *     a moment in which its client can read the answer
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

  /** Sends a port of this process its first request, as soon as it listens. */
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

  /** Gives every connection of a port its state. */
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

  /** What one connection does. On the connection's event loop only. */
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
      // With a request running, what comes is its body, or waits for it to end.
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
        // Passes the other handlers by, which would wait until what is pending has been written.
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

    /** Bytes wait to be sent, and none has left for too long. */
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
