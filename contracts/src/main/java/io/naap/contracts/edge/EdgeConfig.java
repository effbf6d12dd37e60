package io.naap.contracts.edge;

import io.naap.contracts.keys.ClientAddress;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Limits on the requests and connections of a service. */
@ConfigMapping(prefix = "naap.edge")
public interface EdgeConfig {
  /** The most bytes of all headers of a request together. */
  @WithDefault("16384")
  int maxHeaderBytes();

  /** The public address; when it is https, responses carry {@code Strict-Transport-Security}. */
  @WithDefault("${naap.issuer:}")
  Optional<String> publicAddress();

  /** The most bytes a request may declare as its body. */
  @WithDefault("1048576")
  long maxBodyBytes();

  /**
   * Networks of our own proxies in CIDR notation. Each proxy appends the address that called it,
   * and the client's address is the last hop outside these networks, see {@link ClientAddress}.
   */
  @WithDefault("127.0.0.0/8,::1/128")
  List<String> trustedProxies();

  /** Which header the proxies write: {@code x-forwarded-for} or {@code forwarded} (RFC 7239). */
  @WithDefault("x-forwarded-for")
  ClientAddress.Source clientAddressHeader();

  /** Percentage of the maximum heap that all request bodies together may take at once. */
  @WithDefault("12")
  int bodyMemoryPercent();

  /** The same limit in bytes; replaces the percentage when set. */
  Optional<Long> bodyMemoryBytes();

  /** Percentage of that memory for the bodies of one client address (an IPv6 /64). */
  @WithDefault("50")
  int bodyMemoryPercentPerAddress();

  /** Percentage of that memory for the bodies of one tenant. */
  @WithDefault("25")
  int bodyMemoryPercentPerTenant();

  /** How long the first byte of a body may take to arrive. */
  @WithDefault("10s")
  Duration bodyFirstByte();

  /** How long a whole body may take to arrive. */
  @WithDefault("60s")
  Duration bodyTotal();

  /** The average rate in bytes a second that a body must arrive at after its first five seconds. */
  @WithDefault("1024")
  long bodyLeastBytesPerSecond();

  /**
   * How long a request's head may take to arrive, counted from the opening of the connection or the
   * first byte of the head.
   */
  @WithDefault("20s")
  Duration headWithin();

  /**
   * How long a connection stays open between two requests; must be longer than that of a proxy in
   * front of the service.
   */
  @WithDefault("75s")
  Duration keepAlive();

  /** How long a response may wait for a client that reads nothing. */
  @WithDefault("20s")
  Duration stalledReader();

  /** Limits on the JSON of request bodies. */
  Json json();

  /** See {@link io.naap.contracts.json.JsonLimits}. */
  interface Json {
    /** How deep arrays and objects may be nested. */
    @WithDefault("64")
    int depth();

    /** The most names and values together. */
    @WithDefault("20000")
    int values();

    /** The most bytes of one name. */
    @WithDefault("1024")
    int nameBytes();

    /** The most characters of one number. */
    @WithDefault("100")
    int numberLength();

    /** The most bytes of one string. */
    @WithDefault("4194304")
    int stringBytes();
  }

  /** These limits as {@link io.naap.contracts.json.JsonScan} takes them. */
  default io.naap.contracts.json.JsonLimits jsonLimits() {
    return new io.naap.contracts.json.JsonLimits(
        json().depth(),
        json().values(),
        json().nameBytes(),
        json().numberLength(),
        json().stringBytes());
  }
}
