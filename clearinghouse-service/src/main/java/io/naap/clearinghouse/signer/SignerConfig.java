package io.naap.clearinghouse.signer;

import io.naap.contracts.secret.Secret;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** The remote signer. It starts when there is a wallet. */
@ConfigMapping(prefix = "naap.clearinghouse.signer")
public interface SignerConfig {
  /** Where it listens; never a public address. */
  @WithDefault("127.0.0.1")
  String host();

  /** Zero picks a free port. */
  @WithDefault("8935")
  int port();

  /** The most bytes of a request body. */
  @WithDefault("262144")
  int maxBodyBytes();

  /** How long a request may take to arrive. */
  @WithDefault("10s")
  Duration bodyTimeout();

  /** The most requests worked on at once; more are told to come back. */
  @WithDefault("64")
  int maxConcurrent();

  /** The highest expected value of one ticket, in wei. */
  @WithDefault("3000000000000")
  BigInteger maxTicketEv();

  /** The highest expected value of all tickets of one call, in wei. */
  @WithDefault("20000000000000")
  BigInteger maxTotalEv();

  /** The highest expected value of all tickets of a caller in one UTC day, in wei. */
  @WithDefault("50000000000000000")
  BigInteger maxDailyEv();

  /** A ticket's face value times this must not be above the deposit. */
  @WithDefault("1")
  int depositMultiplier();

  /** The highest price, in wei per unit; absent for no ceiling of ours. */
  Optional<BigDecimal> maxPricePerUnit();

  /** Who may ask, by name. */
  Map<String, CallerConfig> callers();

  /** One caller: a gateway, or a tenant's own program. */
  interface CallerConfig {
    /** Sent as a bearer token, or as the password of basic authentication. */
    Secret token();

    /** The gateway's name in the routing table; this or {@code tenant}. */
    Optional<String> gateway();

    /** The tenant, {@code ten_...}; this or {@code gateway}. */
    Optional<String> tenant();
  }
}
