package io.naap.router;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A gateway made of bytes, so that it can do what no HTTP server would: each test says what it does
 * with a request that has come whole.
 */
final class RawGateway {
  static final String EVENTS = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n";
  static final List<Connection> CONNECTIONS = new CopyOnWriteArrayList<>();
  private static volatile Script script = socket -> {};
  private static volatile boolean reads = true;
  private static volatile boolean early;

  private static final String HEALTHY = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

  /** How often its health was asked for. */
  static final AtomicLong PROBES = new AtomicLong();

  /** What {@code GET /healthz} says. */
  static volatile boolean healthy = true;

  private RawGateway() {}

  /** What is done with a request. */
  interface Script {
    void answer(NetSocket socket);
  }

  /** One connection of the router's. */
  static final class Connection {
    final NetSocket socket;
    final AtomicLong received = new AtomicLong();
    final AtomicLong written = new AtomicLong();
    volatile long closedNanos;
    volatile String head = "";

    /** The beginning of the last request's body. */
    volatile String body = "";

    private Buffer begun = Buffer.buffer();
    private long missing = -1;
    private long before;

    Connection(NetSocket socket) {
      this.socket = socket;
    }

    /** Requests come one after the other; each is answered when it has come. */
    private void take(Buffer bytes) {
      received.addAndGet(bytes.length());
      if (missing < 0) {
        begun.appendBuffer(bytes);
        String text = begun.toString(StandardCharsets.ISO_8859_1);
        int end = text.indexOf("\r\n\r\n");
        if (end < 0) {
          return;
        }
        begin(text.substring(0, end));
        if (missing < 0) {
          begun = Buffer.buffer();
          return;
        }
        bytes = begun.getBuffer(end + 4, begun.length());
        begun = Buffer.buffer();
      }
      if (before == missing) {
        body = bytes.getString(0, Math.min(bytes.length(), 4_096), "ISO-8859-1");
      }
      long had = before - missing;
      missing -= bytes.length();
      long has = before - missing;
      long enough = early ? Math.min(before, 1) : before;
      if ((had < enough || before == 0) && has >= enough) {
        script.answer(socket);
      }
      if (missing <= 0) {
        missing = -1;
      }
    }

    private void begin(String headOfRequest) {
      if (headOfRequest.startsWith("GET /healthz ")) {
        PROBES.incrementAndGet();
        missing = -1;
        before = -1;
        socket.write(healthy ? HEALTHY : "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
        return;
      }
      head = headOfRequest;
      before = length(headOfRequest);
      missing = before;
      written.set(0);
      if (!CONNECTIONS.contains(this)) {
        CONNECTIONS.add(this);
      }
      if (!reads) {
        socket.pause();
      }
    }
  }

  /** Does so with every request from now on. */
  static void plays(Script next) {
    CONNECTIONS.clear();
    reads = true;
    early = false;
    script = next;
  }

  /** Does not read what is sent, until {@link #reads}. */
  static void doesNotRead(Script next) {
    plays(next);
    reads = false;
  }

  /** Answers as soon as a body begins. */
  static void answersEarly(Script next) {
    plays(next);
    early = true;
  }

  static void reads() {
    reads = true;
    CONNECTIONS.forEach(one -> one.socket.resume());
  }

  /** The connection that a request came by. */
  static Connection of(NetSocket socket) {
    return CONNECTIONS.stream().filter(one -> one.socket == socket).findFirst().orElseThrow();
  }

  static Connection last() {
    return CONNECTIONS.getLast();
  }

  static int start(Vertx vertx) {
    NetServer server = vertx.createNetServer().connectHandler(RawGateway::connected);
    return server
        .listen(0, "127.0.0.1")
        .toCompletionStage()
        .toCompletableFuture()
        .join()
        .actualPort();
  }

  private static void connected(NetSocket socket) {
    Connection connection = new Connection(socket);
    socket.closeHandler(gone -> connection.closedNanos = System.nanoTime());
    socket.exceptionHandler(gone -> {});
    socket.handler(connection::take);
  }

  private static long length(String head) {
    for (String line : head.split("\r\n", -1)) {
      if (line.regionMatches(true, 0, "content-length:", 0, 15)) {
        return Long.parseLong(line.substring(15).strip());
      }
    }
    return 0;
  }

  /** Writes as much as is taken, and counts it. */
  static void flood(NetSocket socket, long total) {
    Connection connection = last();
    Buffer piece = Buffer.buffer(new byte[64 * 1024]);
    while (!socket.writeQueueFull() && connection.written.get() < total) {
      socket.write(piece);
      connection.written.addAndGet(piece.length());
    }
    if (connection.written.get() < total) {
      socket.drainHandler(drained -> flood(socket, total));
    }
  }

  static String event(int token, boolean last) {
    return "data: {\"id\":\"c\",\"model\":\"m\",\"created\":1,\"choices\":[{\"index\":0,\"delta\":"
        + "{\"content\":\"w\"},\"finish_reason\":"
        + (last ? "\"stop\"" : "\"\"")
        + "}],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":"
        + token
        + ",\"total_tokens\":"
        + (5 + token)
        + "}}\n\n";
  }

  /** A port at which nobody answers: its queue of connections is full. */
  static int silentPort() throws IOException {
    ServerSocket silent = new ServerSocket(0, 1);
    List<Socket> queue = new ArrayList<>();
    for (int at = 0; at < 4; at++) {
      Socket socket = new Socket();
      try {
        socket.connect(silent.getLocalSocketAddress(), 100);
      } catch (IOException full) {
        break;
      }
      queue.add(socket);
    }
    HELD.add(silent);
    HELD.addAll(queue);
    return silent.getLocalPort();
  }

  private static final List<AutoCloseable> HELD = new CopyOnWriteArrayList<>();
}
