package io.naap.deploy.bench.router;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;

/**
 * Answers that come piece by piece. The upstream writes into each piece when it left, by the same
 * clock that the client reads when it comes, so a piece's latency is the peer's and the kernel's.
 */
final class Streams implements AutoCloseable {
  private static final int PIECES = 20;
  private static final long APART_MILLIS = 10;
  private static final String MARK = "sent at ";
  private static final String LAST = "data: [DONE]";

  private final ServerSocket server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private volatile long apartMillis = APART_MILLIS;

  private Streams(ServerSocket server) {
    this.server = server;
  }

  /**
   * What clients saw, sorted, in nanoseconds.
   *
   * @param firstByte from the request to the first piece
   * @param piece from the upstream's writing a piece to its coming
   */
  record Seen(List<Long> firstByte, List<Long> piece) {}

  static Streams listen() throws IOException {
    ServerSocket server = new ServerSocket();
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
    Streams streams = new Streams(server);
    streams.threads.execute(streams::accept);
    return streams;
  }

  int port() {
    return server.getLocalPort();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = server.accept();
        threads.execute(() -> serve(socket));
      }
    } catch (IOException closed) {
      // The benchmark is over.
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(socket.getInputStream());
      OutputStream out = socket.getOutputStream();
      while (readRequest(in)) {
        out.write(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
                .getBytes(StandardCharsets.ISO_8859_1));
        for (int number = 1; number <= PIECES; number++) {
          write(out, piece(number));
          out.flush();
          if (apartMillis > 0) {
            Thread.sleep(apartMillis);
          }
        }
        write(out, LAST + "\n\n");
        out.write("0\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
      }
    } catch (IOException gone) {
      // The client or the peer has left.
    } catch (InterruptedException over) {
      Thread.currentThread().interrupt();
    }
  }

  private static String piece(int number) {
    return ("data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1767225600,\"model\":\"bench/model\","
            + "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"%s%d \"},\"finish_reason\":%s}],"
            + "\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":%d,\"total_tokens\":%d}}\n\n")
        .formatted(
            MARK, System.nanoTime(), number == PIECES ? "\"stop\"" : "null", number, 12 + number);
  }

  private static void write(OutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    byte[] head =
        (Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
    byte[] whole = Arrays.copyOf(head, head.length + bytes.length + 2);
    System.arraycopy(bytes, 0, whole, head.length, bytes.length);
    whole[whole.length - 2] = '\r';
    whole[whole.length - 1] = '\n';
    out.write(whole);
  }

  /** Reads one request with its body; false when there is none. */
  private static boolean readRequest(InputStream in) throws IOException {
    int length = 0;
    boolean chunked = false;
    String line = readLine(in);
    if (line.isEmpty()) {
      return false;
    }
    for (line = readLine(in); !line.isEmpty(); line = readLine(in)) {
      String lower = line.toLowerCase(java.util.Locale.ROOT);
      if (lower.startsWith("content-length:")) {
        length = Integer.parseInt(line.substring(15).strip());
      }
      chunked |= lower.startsWith("transfer-encoding:");
    }
    if (!chunked) {
      in.skipNBytes(length);
      return true;
    }
    for (int size = chunk(in); size > 0; size = chunk(in)) {
      in.skipNBytes(size + 2L);
    }
    readLine(in);
    return true;
  }

  private static int chunk(InputStream in) throws IOException {
    return Integer.parseInt(readLine(in), 16);
  }

  private static String readLine(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int read = in.read(); read >= 0 && read != '\n'; read = in.read()) {
      if (read != '\r') {
        line.append((char) read);
      }
    }
    return line.toString();
  }

  /**
   * Streams without a pause between the pieces, each client one after another, so that what
   * compiles itself has seen tens of thousands before it is measured.
   *
   * @return how many were read
   */
  long warm(Peer peer, int clients, int seconds, List<String> keys) throws InterruptedException {
    LongAdder read = new LongAdder();
    AtomicReference<Exception> failure = new AtomicReference<>();
    apartMillis = 0;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
      for (int client = 0; client < clients; client++) {
        String key = keys.get(client % keys.size());
        threads.execute(
            () -> {
              try {
                while (System.nanoTime() < end && failure.get() == null) {
                  var unused = one(peer, key);
                  read.increment();
                }
              } catch (IOException | RuntimeException failed) {
                failure.set(failed);
              }
            });
      }
    } finally {
      apartMillis = APART_MILLIS;
    }
    if (failure.get() != null) {
      throw new IllegalStateException(peer.name() + " broke a stream", failure.get());
    }
    return read.sum();
  }

  /**
   * Opens so many streams a second, one after another has begun, and reads each to its end. Before
   * those that count comes one with every key, since a peer may have forgotten keys while others
   * were measured.
   */
  static Seen read(Peer peer, int perSecond, int count, List<String> keys)
      throws InterruptedException {
    int before = keys.size();
    int all = before + count;
    ConcurrentLinkedQueue<long[]> seen = new ConcurrentLinkedQueue<>();
    AtomicReference<Exception> failure = new AtomicReference<>();
    CountDownLatch done = new CountDownLatch(all);
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      long start = System.nanoTime();
      for (int number = 0; number < all; number++) {
        boolean counts = number >= before;
        long due = start + number * (1_000_000_000L / perSecond);
        String key = keys.get(number % keys.size());
        TimeUnit.NANOSECONDS.sleep(Math.max(0, due - System.nanoTime()));
        clients.execute(
            () -> {
              try {
                long[] one = one(peer, key);
                if (counts) {
                  seen.add(one);
                }
              } catch (IOException | RuntimeException failed) {
                failure.set(failed);
              } finally {
                done.countDown();
              }
            });
      }
      if (!done.await(60, TimeUnit.SECONDS) || failure.get() != null) {
        throw new IllegalStateException(peer.name() + " broke a stream", failure.get());
      }
    }
    return new Seen(
        seen.stream().map(each -> each[0]).sorted().toList(),
        seen.stream()
            .flatMapToLong(each -> Arrays.stream(each, 1, each.length))
            .sorted()
            .boxed()
            .toList());
  }

  private static long[] one(Peer peer, String key) throws IOException {
    long[] seen = new long[PIECES + 1];
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), peer.port())) {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(20_000);
      StringBuilder text =
          new StringBuilder("POST " + Job.PATH + " HTTP/1.1\r\nHost: localhost\r\n");
      peer.headers()
          .forEach((name, value) -> text.append(name).append(": ").append(value).append("\r\n"));
      text.append("Authorization: Bearer ").append(key).append("\r\n");
      text.append("Content-Type: application/json\r\nContent-Length: ");
      text.append(Job.STREAMED.length()).append("\r\n\r\n").append(Job.STREAMED);
      long start = System.nanoTime();
      socket.getOutputStream().write(text.toString().getBytes(StandardCharsets.ISO_8859_1));
      byte[] buffer = new byte[64 * 1024];
      StreamedAnswer answer = new StreamedAnswer();
      StringBuilder rest = new StringBuilder();
      int pieces = 0;
      while (true) {
        int read = socket.getInputStream().read(buffer);
        long now = System.nanoTime();
        if (read < 0) {
          break;
        }
        answer.take(buffer, read, rest);
        int at = rest.indexOf(MARK);
        while (at >= 0) {
          int end = rest.indexOf(" ", at + MARK.length());
          if (end < 0) {
            break;
          }
          if (pieces == 0) {
            seen[0] = now - start;
          }
          seen[++pieces] = now - Long.parseLong(rest.substring(at + MARK.length(), end));
          rest.delete(0, end);
          at = rest.indexOf(MARK);
        }
        if (pieces == PIECES && rest.indexOf(LAST) >= 0) {
          break;
        }
      }
      if (pieces != PIECES || rest.indexOf(LAST) < 0) {
        throw new IOException("only " + pieces + " pieces came, then: " + rest);
      }
      return seen;
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    threads.shutdownNow();
  }
}
