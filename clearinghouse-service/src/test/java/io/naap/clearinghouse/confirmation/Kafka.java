package io.naap.clearinghouse.confirmation;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.StringSerializer;

/** One broker of Apache Kafka itself, in a process of its own, without ZooKeeper. */
public class Kafka implements QuarkusTestResourceLifecycleManager {
  static final String TOPIC = "signer-events";
  private static String servers;

  private Process broker;
  private Path home;

  @Override
  public Map<String, String> start() {
    try {
      // A port that was free a moment ago may be somebody's by now.
      for (int attempt = 1; !isStarted(); attempt++) {
        if (attempt == 3) {
          throw new IllegalStateException("kafka does not start: " + log());
        }
      }
      return Map.of(
          "naap.clearinghouse.confirmation.bootstrap-servers",
          servers,
          "naap.clearinghouse.confirmation.topic",
          TOPIC,
          "naap.clearinghouse.confirmation.grace",
          "3s",
          "naap.clearinghouse.confirmation.interval",
          "200ms");
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(stopped);
    }
  }

  private boolean isStarted() throws IOException, InterruptedException {
    home = Files.createTempDirectory("naap-kafka");
    int port = freePort();
    int controller = freePort();
    servers = "127.0.0.1:" + port;
    Path properties =
        Files.writeString(
            home.resolve("server.properties"),
            """
              process.roles=broker,controller
              node.id=1
              controller.quorum.voters=1@127.0.0.1:%d
              listeners=PLAINTEXT://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d
              advertised.listeners=PLAINTEXT://127.0.0.1:%d
              controller.listener.names=CONTROLLER
              listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
              log.dirs=%s
              offsets.topic.num.partitions=1
              offsets.topic.replication.factor=1
              group.initial.rebalance.delay.ms=0
              """
                .formatted(controller, port, controller, port, home.resolve("data")));
    Process format =
        java(
            "kafka.tools.StorageTool",
            "format",
            "--cluster-id",
            Uuid.randomUuid().toString(),
            "--config",
            properties.toString());
    if (!format.waitFor(1, TimeUnit.MINUTES) || format.exitValue() != 0) {
      throw new IllegalStateException("kafka cannot be formatted: " + log());
    }
    broker = java("kafka.Kafka", properties.toString());
    return isThere();
  }

  private boolean isThere() throws InterruptedException, IOException {
    for (int attempt = 0; attempt < 30; attempt++) {
      try (Admin admin =
          Admin.create(
              Map.of(
                  "bootstrap.servers",
                  servers,
                  "default.api.timeout.ms",
                  2000,
                  "request.timeout.ms",
                  1500))) {
        admin
            .createTopics(Set.of(new org.apache.kafka.clients.admin.NewTopic(TOPIC, 2, (short) 1)))
            .all()
            .get(3, TimeUnit.SECONDS);
        return true;
      } catch (ExecutionException | java.util.concurrent.TimeoutException notYet) {
        if (!broker.isAlive()) {
          return false;
        }
        Thread.sleep(300);
      }
    }
    throw new IllegalStateException("kafka does not start: " + log());
  }

  private String log() throws IOException {
    return Files.readString(home.resolve("log"));
  }

  private Process java(String main, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                main));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(home.resolve("log").toFile()))
        .start();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Writes records as a signer does: keyed by the event's id. */
  static void send(List<String> events) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", servers);
    try (Producer<String, String> producer =
        new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer())) {
      for (String event : events) {
        var unused =
            producer.send(new ProducerRecord<>(TOPIC, Integer.toString(event.hashCode()), event));
      }
      producer.flush();
    }
  }

  @Override
  public void stop() {
    if (broker != null) {
      broker.destroy();
      try {
        if (!broker.waitFor(10, TimeUnit.SECONDS)) {
          broker.destroyForcibly();
        }
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
        broker.destroyForcibly();
      }
    }
  }
}
