package io.naap.deploy.local;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;

/** Postgres: an embedded one that keeps its data, or one that is there already. */
final class PostgresStore implements AutoCloseable {
  private final Optional<EmbeddedPostgres> embedded;
  private final String address;
  private final String user;
  private final String password;

  private PostgresStore(
      Optional<EmbeddedPostgres> embedded, String address, String user, String password) {
    this.embedded = embedded;
    this.address = address;
    this.user = user;
    this.password = password;
  }

  static PostgresStore embedded(Path folder, int port) {
    try {
      EmbeddedPostgres postgres =
          EmbeddedPostgres.builder()
              .setPort(port)
              .setDataDirectory(folder)
              .setCleanDataDirectory(false)
              .setServerConfig("max_connections", "120")
              .setServerConfig("shared_buffers", "64MB")
              .setServerConfig("listen_addresses", "127.0.0.1")
              .start();
      return new PostgresStore(Optional.of(postgres), "127.0.0.1:" + port, "postgres", "postgres");
    } catch (IOException failed) {
      throw new UncheckedIOException("cannot start Postgres", failed);
    }
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
    embedded.ifPresent(
        postgres -> {
          try {
            postgres.close();
          } catch (IOException failed) {
            throw new UncheckedIOException(failed);
          }
        });
  }
}
