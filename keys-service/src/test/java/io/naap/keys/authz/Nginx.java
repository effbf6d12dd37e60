package io.naap.keys.authz;

import io.naap.contracts.testing.Eventually;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Runs a real nginx without root: the one named by {@code NAAP_NGINX} or found on the PATH, else
 * Debian's package, downloaded and unpacked into the build directory.
 */
final class Nginx implements AutoCloseable {
  private static final Path UNPACKED = Path.of("target/nginx").toAbsolutePath();

  private final Process process;
  private final int port;

  private Nginx(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  static Optional<Path> find() throws IOException, InterruptedException {
    String named = System.getenv("NAAP_NGINX");
    if (named != null) {
      return Optional.of(Path.of(named));
    }
    String path = System.getenv("PATH") + ":/usr/sbin:/usr/local/sbin:/opt/homebrew/bin";
    for (String folder : path.split(":", -1)) {
      Path program = Path.of(folder).resolve("nginx");
      if (Files.isExecutable(program)) {
        return Optional.of(program);
      }
    }
    Path program = UNPACKED.resolve("usr/sbin/nginx");
    if (!Files.isExecutable(program)) {
      Files.createDirectories(UNPACKED);
      if (!run("apt-get", "-q", "download", "nginx")) {
        run("apt-get", "-q", "update");
        run("apt-get", "-q", "download", "nginx");
      }
      try (Stream<Path> files = Files.list(UNPACKED)) {
        for (Path file : files.filter(name -> name.toString().endsWith(".deb")).toList()) {
          run("dpkg-deb", "-x", file.toString(), ".");
        }
      }
    }
    return Optional.of(program).filter(Files::isExecutable);
  }

  private static boolean run(String... command) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(UNPACKED.toFile())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      boolean isDone = process.waitFor(120, TimeUnit.SECONDS);
      process.destroyForcibly();
      return isDone && process.exitValue() == 0;
    } catch (IOException notDebian) {
      return false;
    }
  }

  static Nginx start(Path program, Path folder, int keys, int application) throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    try (InputStream file = Nginx.class.getResourceAsStream("/authz/nginx.conf")) {
      Files.writeString(
          folder.resolve("nginx.conf"),
          new String(file.readAllBytes(), StandardCharsets.UTF_8)
              .replace("@GATEWAY@", Integer.toString(port))
              .replace("@KEYS@", Integer.toString(keys))
              .replace("@APPLICATION@", Integer.toString(application)));
    }
    Process process =
        new ProcessBuilder(
                List.of(program.toString(), "-p", folder + "/", "-c", "nginx.conf", "-e", "stderr"))
            .redirectError(folder.resolve("errors.log").toFile())
            .start();
    Eventually.within(10_000, () -> isOpen(port) || !process.isAlive());
    if (!isOpen(port)) {
      process.destroyForcibly();
      throw new IllegalStateException(Files.readString(folder.resolve("errors.log")));
    }
    return new Nginx(process, port);
  }

  private static boolean isOpen(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
      return true;
    } catch (IOException notYet) {
      return false;
    }
  }

  String url() {
    return "http://127.0.0.1:" + port;
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException interrupted) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
