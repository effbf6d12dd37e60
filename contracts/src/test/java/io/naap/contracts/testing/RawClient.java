package io.naap.contracts.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Some connections that send whatever a test wants, in pieces or not at all, as no HTTP client
 * does. Bytes are written as Latin-1.
 */
public final class RawClient implements AutoCloseable {
  private final List<Socket> sockets = new ArrayList<>();

  private RawClient() {}

  public static RawClient open(URI server, int connections) throws IOException {
    RawClient client = new RawClient();
    for (int i = 0; i < connections; i++) {
      Socket socket = new Socket();
      socket.connect(new InetSocketAddress(server.getHost(), server.getPort()), 5_000);
      client.sockets.add(socket);
    }
    return client;
  }

  /** The same on each connection. One that the server has closed already is passed over. */
  public void send(String text) {
    send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  public void send(byte[] bytes) {
    for (Socket socket : sockets) {
      try {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
      } catch (IOException closed) {
        // The server has answered, and does not want the rest.
      }
    }
  }

  /** One more byte each, after waiting for an end that does not come in this time. */
  public void dripWithin(Duration wait) throws IOException {
    isClosedWithin(sockets.getFirst(), wait);
    send("a");
  }

  /** The status of each connection's first answer; 0 where none came. */
  public List<Integer> statuses(Duration within) throws IOException {
    List<Integer> statuses = new ArrayList<>();
    for (Socket socket : sockets) {
      statuses.add(status(socket, within));
    }
    return statuses;
  }

  private static int status(Socket socket, Duration within) throws IOException {
    socket.setSoTimeout((int) within.toMillis());
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    try {
      int next;
      while ((next = socket.getInputStream().read()) >= 0 && next != '\n') {
        line.write(next);
      }
    } catch (SocketTimeoutException none) {
      return 0;
    }
    String[] words = line.toString(StandardCharsets.ISO_8859_1).split(" ", -1);
    return words.length > 1 ? Integer.parseInt(words[1]) : 0;
  }

  /** True when the server has ended all of them in this time. */
  public boolean areClosedWithin(Duration within) throws IOException {
    long deadline = System.nanoTime() + within.toNanos();
    for (Socket socket : sockets) {
      long left = Math.max(1, (deadline - System.nanoTime()) / 1_000_000);
      if (!isClosedWithin(socket, Duration.ofMillis(left))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isClosedWithin(Socket socket, Duration within) throws IOException {
    socket.setSoTimeout((int) Math.max(1, within.toMillis()));
    byte[] rest = new byte[8_192];
    try {
      while (socket.getInputStream().read(rest) >= 0) {
        // What was answered.
      }
      return true;
    } catch (SocketTimeoutException open) {
      return false;
    } catch (IOException reset) {
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
