package io.naap.deploy.bench.router;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * An open loop: requests leave at fixed times whether or not earlier ones were answered, and a
 * latency counts from the time the request was due, so that a peer that stalls pays for everything
 * it held up.
 */
final class OpenLoop {
  private static final int CONNECTIONS = 128;
  private static final int WARM_UP_PERCENT = 20;

  private final BlockingQueue<Connection> idle = new ArrayBlockingQueue<>(CONNECTIONS);
  private final long[] nanos;
  private final byte[][] requests;
  private int answered;
  private int failed;

  private OpenLoop(int count, byte[][] requests) {
    this.nanos = new long[count];
    this.requests = requests;
  }

  /** A connection with at most one request on its way. */
  private static final class Connection {
    final SocketChannel channel;
    final byte[] bytes = new byte[16 * 1024];
    final ByteBuffer in = ByteBuffer.wrap(bytes);
    volatile long due;
    volatile int number;

    Connection(SocketChannel channel) {
      this.channel = channel;
    }
  }

  /**
   * Sends so many requests a second for some seconds.
   *
   * @return latencies in nanoseconds, sorted; the first fifth of them is left out
   * @throws IllegalStateException when an answer is not 200 or does not come
   */
  static long[] run(Peer peer, int perSecond, int seconds, List<String> keys)
      throws IOException, InterruptedException {
    byte[][] requests = new byte[keys.size()][];
    for (int at = 0; at < requests.length; at++) {
      requests[at] = request(peer.headers(), keys.get(at));
    }
    OpenLoop loop = new OpenLoop(perSecond * seconds, requests);
    return loop.measure(peer, 1_000_000_000L / perSecond);
  }

  private static byte[] request(Map<String, String> headers, String key) {
    StringBuilder text = new StringBuilder("POST " + Job.PATH + " HTTP/1.1\r\nHost: localhost\r\n");
    headers.forEach((name, value) -> text.append(name).append(": ").append(value).append("\r\n"));
    text.append("Authorization: Bearer ").append(key);
    text.append("\r\nContent-Type: application/json\r\nContent-Length: ");
    text.append(Job.BODY.length()).append("\r\n\r\n").append(Job.BODY);
    return text.toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  private long[] measure(Peer peer, long interval) throws IOException, InterruptedException {
    try (Selector selector = Selector.open()) {
      InetSocketAddress address =
          new InetSocketAddress(InetAddress.getLoopbackAddress(), peer.port());
      for (int at = 0; at < CONNECTIONS; at++) {
        SocketChannel channel = SocketChannel.open(address);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.configureBlocking(false);
        Connection connection = new Connection(channel);
        channel.register(selector, SelectionKey.OP_READ, connection);
        idle.add(connection);
      }
      Thread sender = new Thread(() -> send(interval), "open-loop");
      sender.start();
      long end = System.nanoTime() + interval * nanos.length + TimeUnit.SECONDS.toNanos(10);
      while (answered + failed < nanos.length && System.nanoTime() < end) {
        selector.select(this::receive, 100);
      }
      sender.interrupt();
      sender.join();
      for (SelectionKey key : selector.keys()) {
        key.channel().close();
      }
    }
    if (answered < nanos.length) {
      throw new IllegalStateException(
          peer.name() + " answered " + answered + " of " + nanos.length + " requests with 200");
    }
    long[] counted = Arrays.copyOfRange(nanos, nanos.length * WARM_UP_PERCENT / 100, nanos.length);
    Arrays.sort(counted);
    return counted;
  }

  private void send(long interval) {
    long start = System.nanoTime();
    try {
      for (int number = 0; number < nanos.length; number++) {
        long due = start + number * interval;
        for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
          LockSupport.parkNanos(wait);
          if (Thread.interrupted()) {
            return;
          }
        }
        Connection connection = idle.take();
        connection.number = number;
        connection.due = due;
        ByteBuffer out = ByteBuffer.wrap(requests[number % requests.length]);
        while (out.hasRemaining()) {
          connection.channel.write(out);
        }
      }
    } catch (IOException | InterruptedException ended) {
      // The receiver says how many answers are missing.
      Thread.currentThread().interrupt();
    }
  }

  private void receive(SelectionKey key) {
    Connection connection = (Connection) key.attachment();
    try {
      if (connection.channel.read(connection.in) < 0) {
        key.cancel();
        failed++;
        return;
      }
    } catch (IOException broken) {
      key.cancel();
      failed++;
      return;
    }
    if (Answer.isWhole(connection.bytes, connection.in.position())) {
      nanos[connection.number] = System.nanoTime() - connection.due;
      if (Answer.isGood(connection.bytes)) {
        answered++;
      } else {
        failed++;
      }
      connection.in.clear();
      idle.add(connection);
    }
  }

  /** As much of HTTP/1.1 as tells where an answer ends. */
  private static final class Answer {
    private static final byte[] END = "\r\n0\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);

    static boolean isGood(byte[] bytes) {
      return bytes[9] == '2' && bytes[10] == '0' && bytes[11] == '0';
    }

    static boolean isWhole(byte[] bytes, int length) {
      int body = bodyStart(bytes, length);
      if (body < 0) {
        return false;
      }
      String head = new String(bytes, 0, body, StandardCharsets.ISO_8859_1);
      int at = head.toLowerCase(java.util.Locale.ROOT).indexOf("\r\ncontent-length:");
      if (at >= 0) {
        int end = head.indexOf('\r', at + 2);
        return length >= body + Integer.parseInt(head.substring(at + 17, end).strip());
      }
      return length >= END.length
          && Arrays.equals(bytes, length - END.length, length, END, 0, END.length);
    }

    private static int bodyStart(byte[] bytes, int length) {
      for (int at = 3; at < length; at++) {
        if (bytes[at] == '\n' && bytes[at - 1] == '\r' && bytes[at - 2] == '\n') {
          return at + 1;
        }
      }
      return -1;
    }
  }
}
