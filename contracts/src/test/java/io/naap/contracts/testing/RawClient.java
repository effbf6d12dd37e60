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
 * Raw TCP connections that send what no HTTP client sends: partial requests, slow requests or
 * nothing. Bytes are written as Latin-1.
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

  /** Sends the same text on each connection; skips connections that the server has closed. */
  public void send(String text) {
    send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  public void send(byte[] bytes) {
    for (Socket socket : sockets) {
      try {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
      } catch (IOException closed) {
        // The server has answered and closed the connection before reading the rest.
      }
    }
  }

  /** Waits, unless the first connection ends earlier, then sends one byte on each connection. */
  public void dripWithin(Duration wait) throws IOException {
    isClosedWithin(sockets.getFirst(), wait);
    send("a");
  }

  /** The status of the first response on each connection; 0 where none arrived. */
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

  /** True when the server has closed all connections within this time. */
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
        // Skips the response.
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
