package io.naap.deploy.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The platform while it runs. Closing it ends everything it started, last first. */
public final class Platform implements AutoCloseable {
  private final Path root;
  private final Options options;
  private final Consumer<String> progress;
  private final Deque<AutoCloseable> running = new ArrayDeque<>();
  private final Map<Service, Child> services = new EnumMap<>(Service.class);
  private final List<Part> parts = new ArrayList<>();
  private final Secrets secrets;
  private Configuration configuration;
  private RedisStore redis;

  private Platform(Path root, Options options, Consumer<String> progress) {
    this.root = root;
    this.options = options;
    this.progress = progress;
    this.secrets = new Secrets(options.data().resolve("secrets"));
  }

  /**
   * Starts everything and waits until it is ready.
   *
   * @param root the repository, built
   * @param arguments as of {@code ./naap up}
   * @param progress is told each step
   * @throws IllegalStateException when something cannot start; nothing is left running then
   */
  public static Platform start(Path root, Consumer<String> progress, String... arguments)
      throws InterruptedException {
    Options options = Options.parse(Path.of(System.getProperty("user.home")), arguments);
    return start(root, options, progress);
  }

  static Platform start(Path root, Options options, Consumer<String> progress)
      throws InterruptedException {
    if (options.fresh()) {
      forget(options.data());
    }
    Platform platform = new Platform(root, options, progress);
    try {
      platform.start();
      return platform;
    } catch (RuntimeException | InterruptedException failed) {
      platform.close();
      throw failed;
    }
  }

  private void start() throws InterruptedException {
    lock();
    if (options.postgres().isEmpty()) {
      TablesVersion.check(options.data());
    }
    endLeftovers();
    Map<String, String> taken = options.ports().taken();
    if (!taken.isEmpty()) {
      StringBuilder message = new StringBuilder("some ports are taken:\n");
      taken.forEach(
          (name, line) -> message.append("  ").append(name).append(": ").append(line).append('\n'));
      throw new IllegalStateException(
          message + "Stop what holds them, or move all ports with --port-base 20000.");
    }
    say("starting Postgres and Redis");
    PostgresStore postgres =
        kept(
            options
                .postgres()
                .map(PostgresStore::existing)
                .orElseGet(
                    () ->
                        PostgresStore.embedded(
                            options.data().resolve("postgres"),
                            options.ports().postgres(),
                            secrets.token("postgres"),
                            options.disposable())));
    parts.add(postgres);
    redis =
        kept(
            options
                .redis()
                .map(RedisStore::existing)
                .orElseGet(
                    () ->
                        RedisStore.embedded(
                            options.data().resolve("redis"), options.ports().redis())));
    parts.add(redis);
    configuration = new Configuration(options, secrets, postgres, redis);
    if (options.gateway().isEmpty() || options.chain().isEmpty()) {
      say("starting the gateway simulator");
      Restartable simulator = new Restartable(this::startSimulator);
      simulator.child.awaitReady();
      parts.add(simulator);
    }
    say("starting the five services" + (options.nativeExecutables() ? " (native)" : ""));
    for (Service service : Service.values()) {
      startService(service);
    }
    for (Service service : Service.values()) {
      services.get(service).awaitReady();
      say(service.folder() + " is ready");
      parts.add(new ServicePart(service));
    }
    kept(
        Origin.start(
            PathTable.read(root.resolve("k8s/naap/paths.yaml")),
            options.listen(),
            options.ports()));
    rememberChildren();
    Running.announce(options.data(), origin(), simulatorControl());
    kept(() -> Running.withdraw(options.data()));
  }

  /** Starts, or starts again, one service; the caller waits until it is ready. */
  private void startService(Service service) {
    Child child =
        Child.start(
            service.folder(),
            command(service, configuration.write(service)),
            options.data().resolve("logs").resolve(service.folder() + ".log"),
            URI.create(
                "http://127.0.0.1:" + options.ports().management(service) + "/q/health/ready"));
    services.put(service, kept(child));
    rememberChildren();
  }

  /** Kills a service as a crash would. */
  public void kill(String service) throws InterruptedException {
    services.get(service(service)).kill();
  }

  /** Tells a service to stop and waits until it has; it finishes what it serves. */
  public void stop(String service) {
    services.get(service(service)).close();
  }

  /** Starts a service that was killed or stopped, and waits until it is ready. */
  public void restart(String service) throws InterruptedException {
    startService(service(service));
    services.get(service(service)).awaitReady();
  }

  /** Takes Redis away, as an outage would, or brings it back with what its file holds. */
  public void redis(boolean there) throws IOException {
    redis.stopAndStart(there);
  }

  private static Service service(String name) {
    return Service.valueOf(name.toUpperCase(java.util.Locale.ROOT));
  }

  private Child startSimulator() {
    Ports ports = options.ports();
    List<String> command = new ArrayList<>();
    command.add(java());
    command.addAll(List.of("-XX:+UseSerialGC", "-Xmx96m", "-Xss512k", "-cp"));
    Path target = root.resolve("deploy/simulator/target");
    command.add(
        jar(target, "simulator") + java.io.File.pathSeparator + target.resolve("lib") + "/*");
    command.add("io.naap.deploy.simulator.Simulator");
    command.addAll(List.of("--http-port", String.valueOf(ports.gateway())));
    command.addAll(List.of("--control-port", String.valueOf(ports.control())));
    command.addAll(
        List.of(
            "--live-auth-url", secretFile("live-auth-url", configuration.hookUrl("live-auth"))));
    command.addAll(
        List.of(
            "--heartbeat-url",
            secretFile("heartbeat-url", configuration.hookUrl("live-heartbeat"))));
    command.addAll(List.of("--signer-url", "http://127.0.0.1:" + ports.signer()));
    secrets.token("signer-gateway-1");
    command.addAll(List.of("--signer-token", "@" + secrets.file("signer-gateway-1")));
    return Child.start(
        "gateway simulator",
        command,
        options.data().resolve("logs").resolve("simulator.log"),
        URI.create("http://127.0.0.1:" + ports.gateway() + "/healthz"));
  }

  /**
   * Addresses with a secret in them are handed over in a file: a command line can be read by all.
   */
  private String secretFile(String name, String value) {
    Path file = options.data().resolve("config").resolve(name);
    try {
      Secrets.write(file, value);
      return "@" + file;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private List<String> command(Service service, Path config) {
    List<String> command = new ArrayList<>();
    Path target = root.resolve(service.folder()).resolve("target");
    if (options.nativeExecutables()) {
      command.add(nativeExecutable(target, service).toString());
      command.add("-Xmx" + service.heapMegabytes() + "m");
      command.add("-XX:+ExitOnOutOfMemoryError");
      command.add("-Dquarkus.config.locations=" + config);
      return command;
    }
    command.add(java());
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-Xms24m",
            "-Xmx" + service.heapMegabytes() + "m",
            // Whatever else was being done may be half done: what is restarted is whole.
            "-XX:+ExitOnOutOfMemoryError",
            "-Xss512k",
            // With two carrier threads, virtual threads that load classes can wait for each other
            // for ever.
            "-Djdk.virtualThreadScheduler.parallelism=8",
            "-XX:ReservedCodeCacheSize=64m",
            "-XX:MaxDirectMemorySize=64m",
            "-Dio.netty.allocator.numDirectArenas=2",
            "-Dio.netty.allocator.numHeapArenas=2",
            "-Dio.netty.allocator.maxOrder=4",
            "--enable-native-access=ALL-UNNAMED",
            "-Dquarkus.config.locations=" + config));
    if (options.disposable()) {
      // A throw-away platform lives for minutes: the optimizing compiler costs more than it gives.
      command.add("-XX:TieredStopAtLevel=1");
    }
    if (Runtime.version().feature() >= 23) {
      // Netty's use of Unsafe is known; without this each log begins with four lines about it.
      command.add("--sun-misc-unsafe-memory-access=allow");
    }
    command.addAll(List.of("-jar", target.resolve("quarkus-app/quarkus-run.jar").toString()));
    return command;
  }

  private static Path nativeExecutable(Path target, Service service) {
    try (Stream<Path> files = Files.list(target)) {
      return files
          .filter(file -> file.toString().endsWith("-runner"))
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalStateException(
                      "there is no native executable of "
                          + service.folder()
                          + "; build them with GRAALVM_HOME=DIR ./naap native"));
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  private static String jar(Path target, String name) {
    try (Stream<Path> files = Files.list(target)) {
      return files
          .filter(file -> file.getFileName().toString().matches(name + "-[0-9].*\\.jar"))
          .findFirst()
          .orElseThrow(() -> new IllegalStateException(target + " is not built"))
          .toString();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  // --- what others need to know ---

  /** For {@code --port-base}: the first of a block of ports that are free now. */
  public static int freePortBase() {
    return Ports.free().origin();
  }

  /** For example {@code http://localhost:8080}. */
  public URI origin() {
    return URI.create(configuration.issuer());
  }

  /** Where the simulator tells what it saw; absent when it does not run. */
  public Optional<URI> simulatorControl() {
    return options.gateway().isPresent()
        ? Optional.empty()
        : Optional.of(URI.create("http://127.0.0.1:" + options.ports().control()));
  }

  /** The management address of a service. */
  public URI management(String service) {
    return URI.create("http://127.0.0.1:" + options.ports().management(service(service)));
  }

  /** Where a service listens, without the origin. */
  public URI direct(String service) {
    return URI.create("http://127.0.0.1:" + options.ports().http(service(service)));
  }

  /** Where the remote signer listens. */
  public URI signer() {
    return URI.create("http://127.0.0.1:" + options.ports().signer());
  }

  /** The token the simulated gateway shows the signer. */
  public String signerToken() {
    return secrets.token("signer-gateway-1");
  }

  public Wallet operator() {
    return configuration.operator();
  }

  /** The wallet of the demonstration tenant. */
  public Wallet demoWallet() {
    return Wallet.of(secrets.hex("demo-wallet"));
  }

  Secrets secrets() {
    return secrets;
  }

  /** The folder everything is kept in. */
  public Path data() {
    return options.data();
  }

  /** JDBC address, role and password of a service's database. */
  public Database database(String service) {
    int port = options.ports().postgres();
    return new Database(
        "jdbc:postgresql://127.0.0.1:" + port + "/naap_" + service,
        "naap_" + service,
        secrets.token("database-" + service));
  }

  /** How to look into a database. */
  public record Database(String url, String user, String password) {
    @Override
    public String toString() {
      return url;
    }
  }

  /** Resident memory of the five services together. */
  public long residentBytes() {
    return services.values().stream().mapToLong(child -> residentBytes(child.handle().pid())).sum();
  }

  private static long residentBytes(long pid) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
        if (line.startsWith("VmRSS:")) {
          return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
        }
      }
    } catch (IOException notLinux) {
      // Not every system has /proc.
    }
    return 0;
  }

  /** Names of parts that have ended though nobody asked them to. */
  public List<String> dead() {
    return parts.stream().filter(part -> !part.isAlive()).map(Part::name).toList();
  }

  /** Everything that can be started again. */
  List<Part> parts() {
    return List.copyOf(parts);
  }

  /** One of the five services. */
  private final class ServicePart implements Part {
    private final Service service;

    ServicePart(Service service) {
      this.service = service;
    }

    @Override
    public String name() {
      return service.folder();
    }

    @Override
    public boolean isAlive() {
      return services.get(service).isAlive();
    }

    @Override
    public String reason() {
      return services.get(service).reason();
    }

    @Override
    public void restart() throws InterruptedException {
      startService(service);
      services.get(service).awaitReady();
    }
  }

  /** A process that is started by one command. */
  private final class Restartable implements Part {
    private final Supplier<Child> start;
    private Child child;

    Restartable(Supplier<Child> start) {
      this.start = start;
      this.child = kept(start.get());
    }

    @Override
    public String name() {
      return child.name();
    }

    @Override
    public boolean isAlive() {
      return child.isAlive();
    }

    @Override
    public String reason() {
      return child.reason();
    }

    @Override
    public void restart() throws InterruptedException {
      child = kept(start.get());
      rememberChildren();
      child.awaitReady();
    }
  }

  // --- order and leftovers ---

  private <T extends AutoCloseable> T kept(T started) {
    running.push(started);
    return started;
  }

  private void lock() {
    try {
      Path run = options.data().resolve("run");
      Files.createDirectories(run);
      FileChannel channel =
          FileChannel.open(
              run.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (channel.tryLock() == null) {
        channel.close();
        throw new IllegalStateException(
            "a platform already runs on "
                + options.data()
                + ": stop it, or choose another folder with --data DIR");
      }
      kept(channel);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private Path childrenFile() {
    return options.data().resolve("run").resolve("children");
  }

  /** Written so that the next start can end what a killed launcher left behind. */
  private void rememberChildren() {
    try (Stream<ProcessHandle> children = ProcessHandle.current().descendants()) {
      List<String> lines = children.map(child -> child.pid() + " " + startOf(child)).toList();
      Files.write(childrenFile(), lines);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private void endLeftovers() throws InterruptedException {
    List<String> lines;
    try {
      lines = Files.exists(childrenFile()) ? Files.readAllLines(childrenFile()) : List.of();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    for (String line : lines) {
      List<String> parts = List.of(line.split(" ", 2));
      Optional<ProcessHandle> left =
          ProcessHandle.of(Long.parseLong(parts.get(0)))
              .filter(child -> startOf(child).equals(parts.get(1)));
      if (left.isPresent()) {
        say("ending process " + parts.get(0) + " of an earlier run");
        left.get().destroy();
        for (int i = 0; i < 50 && left.get().isAlive(); i++) {
          Thread.sleep(100);
        }
        left.get().destroyForcibly();
      }
    }
  }

  private static String startOf(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toString).orElse("?");
  }

  private static void forget(Path data) {
    if (!Files.exists(data)) {
      return;
    }
    if (!Files.exists(data.resolve("secrets")) && !Files.exists(data.resolve("run"))) {
      throw new IllegalStateException(
          data + " does not look like a folder of this platform, so --fresh leaves it alone");
    }
    try (Stream<Path> files = Files.walk(data)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private void say(String step) {
    progress.accept(step);
  }

  @Override
  public synchronized void close() {
    List<AutoCloseable> closing = new ArrayList<>();
    while (!running.isEmpty()) {
      AutoCloseable next = running.pop();
      // Services end together; each drains on its own.
      if (next instanceof Child child) {
        child.handle().destroy();
      }
      closing.add(next);
    }
    for (AutoCloseable next : closing) {
      try {
        next.close();
      } catch (Exception failed) {
        progress.accept("while stopping: " + failed.getMessage());
      }
    }
  }
}
