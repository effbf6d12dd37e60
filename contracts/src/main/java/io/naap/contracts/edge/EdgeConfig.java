package io.naap.contracts.edge;

import io.naap.contracts.keys.ClientAddress;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Limits on every request of a service, and on its connections. */
@ConfigMapping(prefix = "naap.edge")
public interface EdgeConfig {
  /** The most bytes all headers together may have. */
  @WithDefault("16384")
  int maxHeaderBytes();

  /** The public address: where it is https, browsers are told to stay with that. */
  @WithDefault("${naap.issuer:}")
  Optional<String> publicAddress();

  /** The most bytes a body may declare. */
  @WithDefault("1048576")
  long maxBodyBytes();

  /**
   * Our own proxies, which append whom they were called by: networks in CIDR notation. The client's
   * address is the last hop that is none of them, see {@link ClientAddress}.
   */
  @WithDefault("127.0.0.0/8,::1/128")
  List<String> trustedProxies();

  /** Which header the proxies write: {@code x-forwarded-for} or {@code forwarded} (RFC 7239). */
  @WithDefault("x-forwarded-for")
  ClientAddress.Source clientAddressHeader();

  /** Of the heap, in a hundred, what all bodies together may take at once. */
  @WithDefault("12")
  int bodyMemoryPercent();

  /** The same in bytes, where it shall not follow the heap. */
  Optional<Long> bodyMemoryBytes();

  /** Of that, in a hundred, what the bodies of one client address (an IPv6 /64) may take. */
  @WithDefault("50")
  int bodyMemoryPercentPerAddress();

  /** Of that, in a hundred, what the bodies of one tenant may take. */
  @WithDefault("25")
  int bodyMemoryPercentPerTenant();

  /** How long the first byte of a body may take. */
  @WithDefault("10s")
  Duration bodyFirstByte();

  /** How long a body that is read whole may take. */
  @WithDefault("60s")
  Duration bodyTotal();

  /** The bytes a second that a body must bring on average, after its first five seconds. */
  @WithDefault("1024")
  long bodyLeastBytesPerSecond();

  /** How long a connection may take to send a request's head, from its opening or first byte. */
  @WithDefault("20s")
  Duration headWithin();

  /** How long a connection is kept between two requests; above a proxy's in front of us. */
  @WithDefault("75s")
  Duration keepAlive();

  /** How long an answer may wait for a client that reads nothing. */
  @WithDefault("20s")
  Duration stalledReader();

  /** What the JSON of a request may ask of its parser. */
  Json json();

  /** See {@link io.naap.contracts.json.JsonLimits}. */
  interface Json {
    /** Arrays and objects in each other. */
    @WithDefault("64")
    int depth();

    /** Names and values together. */
    @WithDefault("20000")
    int values();

    /** Bytes of one name. */
    @WithDefault("1024")
    int nameBytes();

    /** Characters of one number. */
    @WithDefault("100")
    int numberLength();

    /** Bytes of one text. */
    @WithDefault("4194304")
    int stringBytes();
  }

  /** The limits of JSON as the scan takes them. */
  default io.naap.contracts.json.JsonLimits jsonLimits() {
    return new io.naap.contracts.json.JsonLimits(
        json().depth(),
        json().values(),
        json().nameBytes(),
        json().numberLength(),
        json().stringBytes());
  }
}
