package io.naap.deploy.bench.abuse;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Connections that send a request's beginning and then nothing, each opened again when the server
 * has ended it. They come from an address of their own, as an attacker's do.
 */
final class Sockets {
  private static final String ATTACKER = "127.0.0.66";
  private static final int PATIENCE_MILLIS = 1_000;

  private Sockets() {}

  /** What a connection sends. */
  interface Beginning {
    byte[] bytes();
  }

  /** Keeps so many connections busy until it is told to stop. */
  static List<Thread> keep(
      URI server, int connections, Beginning beginning, boolean readsAnswer, AtomicBoolean stop) {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      threads.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    while (!stop.get()) {
                      once(server, beginning.bytes(), readsAnswer, stop);
                    }
                  }));
    }
    return threads;
  }

  private static void once(URI server, byte[] bytes, boolean readsAnswer, AtomicBoolean stop) {
    try (Socket socket = new Socket()) {
      socket.setReceiveBufferSize(4_096);
      socket.bind(new InetSocketAddress(InetAddress.getByName(ATTACKER), 0));
      socket.connect(new InetSocketAddress(server.getHost(), server.getPort()), PATIENCE_MILLIS);
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.getOutputStream().write(bytes);
      socket.getOutputStream().flush();
      while (!stop.get()) {
        if (!readsAnswer) {
          Thread.sleep(PATIENCE_MILLIS);
          socket.getOutputStream().write('x');
          continue;
        }
        try {
          if (socket.getInputStream().read() < 0) {
            break;
          }
        } catch (java.net.SocketTimeoutException waiting) {
          // It is still held open; nothing more is sent.
        }
      }
    } catch (IOException ended) {
      pause();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  /** An attacker that is refused at once comes back at once, but not faster than this. */
  private static void pause() {
    try {
      Thread.sleep(200);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  /** The head of a POST. */
  static String head(String path, String headers, long length) {
    return "POST "
        + path
        + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
        + length
        + "\r\n"
        + headers
        + "\r\n";
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
