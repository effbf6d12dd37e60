package io.naap.deploy.local;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.function.Supplier;

/** Postgres: an embedded one that keeps its data, or one that is there already. */
final class PostgresStore implements AutoCloseable, Part {
  private static final int PROBE_MILLIS = 2_000;

  private final String address;
  private final String user;
  private final String password;

  /** Starts an embedded one; absent for one that is not ours. */
  private final Optional<Supplier<EmbeddedPostgres>> start;

  private EmbeddedPostgres embedded;

  private PostgresStore(
      Optional<Supplier<EmbeddedPostgres>> start, String address, String user, String password) {
    this.start = start;
    this.address = address;
    this.user = user;
    this.password = password;
    start.ifPresent(starting -> embedded = starting.get());
  }

  /**
   * One of our own, which listens on loopback and asks for passwords.
   *
   * @param disposable what was committed may be lost with the machine, which makes commits cheaper
   */
  static PostgresStore embedded(Path folder, int port, String password, boolean disposable) {
    PostgresStore store =
        new PostgresStore(
            Optional.of(() -> start(folder, port, password, disposable)),
            "127.0.0.1:" + port,
            "postgres",
            password);
    store.askForPasswords(folder);
    return store;
  }

  private static EmbeddedPostgres start(
      Path folder, int port, String password, boolean disposable) {
    try {
      EmbeddedPostgres.Builder builder =
          EmbeddedPostgres.builder()
              .setPort(port)
              .setDataDirectory(folder)
              .setCleanDataDirectory(false)
              .setConnectConfig("password", password)
              .setServerConfig("max_connections", "120")
              .setServerConfig("shared_buffers", "64MB")
              .setServerConfig("listen_addresses", "127.0.0.1");
      if (!disposable) {
        // The embedded one's own settings are for tests: a commit that was answered could be lost.
        builder.setServerConfig("fsync", "on").setServerConfig("synchronous_commit", "on");
      }
      return builder.start();
    } catch (IOException failed) {
      throw new UncheckedIOException("cannot start Postgres", failed);
    }
  }

  /** The first start lets everybody in who is on this machine; from then on nobody without one. */
  private void askForPasswords(Path folder) {
    Path rules = folder.resolve("pg_hba.conf");
    String wanted =
        """
        # type  database  user  address       method
        local   all       all                 scram-sha-256
        host    all       all   127.0.0.1/32  scram-sha-256
        host    all       all   ::1/128       scram-sha-256
        """;
    try {
      if (Files.readString(rules).equals(wanted)) {
        return;
      }
      try (Connection connection =
              DriverManager.getConnection(
                  "jdbc:postgresql://" + address + "/postgres", user, password);
          Statement statement = connection.createStatement()) {
        statement.execute("SET password_encryption = 'scram-sha-256'");
        statement.execute("ALTER ROLE postgres PASSWORD '" + password + "'");
        Files.writeString(rules, wanted);
        statement.execute("SELECT pg_reload_conf()");
      }
    } catch (IOException failed) {
      throw new UncheckedIOException("cannot give Postgres a password", failed);
    } catch (SQLException failed) {
      throw new IllegalStateException("cannot give Postgres a password", failed);
    }
  }

  @Override
  public String name() {
    return "Postgres";
  }

  /** Whether it takes connections; one that is not ours is not watched. */
  @Override
  public boolean isAlive() {
    return start.isEmpty() || Ports.answers(embedded.getPort(), PROBE_MILLIS);
  }

  @Override
  public String reason() {
    return "it takes no connections at " + address;
  }

  @Override
  public void restart() {
    close();
    embedded = start.orElseThrow().get();
  }

  /** One that is there: {@code postgresql://user:password@host:port}. */
  static PostgresStore existing(URI uri) {
    String[] userInfo =
        uri.getUserInfo() == null ? new String[] {"postgres"} : uri.getUserInfo().split(":", 2);
    int port = uri.getPort() < 0 ? 5432 : uri.getPort();
    return new PostgresStore(
        Optional.empty(),
        uri.getHost() + ":" + port,
        userInfo[0],
        userInfo.length > 1 ? userInfo[1] : "");
  }

  /** Host and port. */
  String address() {
    return address;
  }

  /** Makes the role and database of a service, where they are missing; both have the same name. */
  void prepare(String name, String rolePassword) {
    String url = "jdbc:postgresql://" + address + "/postgres";
    try (Connection connection = DriverManager.getConnection(url, user, password);
        Statement statement = connection.createStatement()) {
      if (!exists(statement, "SELECT 1 FROM pg_roles WHERE rolname = '" + name + "'")) {
        statement.execute("CREATE ROLE " + name + " LOGIN");
      }
      statement.execute("ALTER ROLE " + name + " PASSWORD '" + rolePassword + "'");
      if (!exists(statement, "SELECT 1 FROM pg_database WHERE datname = '" + name + "'")) {
        statement.execute("CREATE DATABASE " + name + " OWNER " + name);
      }
      statement.execute("REVOKE CONNECT ON DATABASE " + name + " FROM PUBLIC");
    } catch (SQLException failed) {
      throw new IllegalStateException(
          "cannot prepare database " + name + " at " + address + ": " + failed.getMessage(),
          failed);
    }
  }

  private static boolean exists(Statement statement, String query) throws SQLException {
    try (ResultSet rows = statement.executeQuery(query)) {
      return rows.next();
    }
  }

  @Override
  public void close() {
    if (embedded != null) {
      try {
        embedded.close();
      } catch (IOException failed) {
        throw new UncheckedIOException(failed);
      }
    }
  }
}
