package io.naap.clearinghouse.signer.config;

import io.naap.contracts.secret.Secret;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The remote signer. It starts when a hot wallet is configured. */
@ConfigMapping(prefix = "naap.clearinghouse.signer")
public interface SignerConfig {
  /** Which orchestrators may be paid. */
  enum OrchestratorRule {
    /** Those that the BondingManager contract has registered. */
    REGISTERED,
    ANY
  }

  /** The address it listens at; never a public one. */
  @WithDefault("127.0.0.1")
  String host();

  /** The port it listens at; zero picks a free one. */
  @WithDefault("8935")
  int port();

  /** The most bytes of a request body. */
  @WithDefault("262144")
  int maxBodyBytes();

  /** The most requests worked on at once; further ones are answered 503. */
  @WithDefault("512")
  int maxConcurrent();

  /** The most requests of one caller in a second; further ones are answered 429. */
  @WithDefault("500")
  int maxRequestsPerSecond();

  /** The most sessions one caller may begin in a minute; each begins with a minute paid ahead. */
  @WithDefault("600")
  int maxNewSessionsPerMinute();

  /**
   * Which orchestrators may be paid: those {@code registered} in the BondingManager contract, or
   * {@code any}.
   */
  @WithDefault("registered")
  OrchestratorRule orchestrators();

  /** Only these addresses may be paid; absent for all. */
  Optional<Set<String>> allowedOrchestrators();

  /** These addresses are never paid. */
  Optional<Set<String>> deniedOrchestrators();

  /** How many dollars of a tenant's credit a session holds at a time. */
  @WithDefault("0.05")
  BigDecimal holdUsd();

  /** A session that made no payment for this long gives back what it holds. */
  @WithDefault("2m")
  Duration holdIdle();

  /** What tenants pay on top of the tickets' expected value, as a fraction of it. */
  @WithDefault("0")
  BigDecimal markup();

  /** The signer's address as it goes into the SDK's token; absent: no tokens are issued. */
  Optional<URI> publicUrl();

  /** The tier of tenants' own tokens. */
  @WithDefault("standard")
  String tokenTier();

  /** The secret a stock go-livepeer signer sends to the webhook; absent: the webhook is off. */
  Optional<Secret> webhookSecret();

  /** How long a price that a caller was asked for counts when that caller discovers. */
  @WithDefault("10m")
  Duration priceMemory();

  /** The orchestrators that callers may discover, by tier. */
  Map<String, TierConfig> tiers();

  /** One tier's orchestrators. */
  interface TierConfig {
    /** By any name. */
    Map<String, OrchestratorConfig> orchestrators();

    /** The tier's own price ceiling, in wei per unit. */
    Optional<BigDecimal> maxPricePerUnit();

    /** The tier's own price ceilings by model, in wei per unit, as those of all tiers. */
    Map<String, BigDecimal> maxPricePerCapability();
  }

  /** One orchestrator. */
  interface OrchestratorConfig {
    /** Its absolute URL. */
    URI url();

    /** The capabilities it serves, as {@code pipeline/model}; absent for all. */
    Optional<Set<String>> capabilities();

    /** Its preference among the tier's orchestrators. */
    @WithDefault("1")
    int score();

    /** The price it asks, where that is known, in wei per unit. */
    Optional<BigDecimal> pricePerUnit();

    /** The price it asks for a model, where known, in wei per unit, by {@code pipeline/model}. */
    Map<String, BigDecimal> pricePerCapability();
  }

  /** The highest expected value of one ticket, in wei. */
  @WithDefault("3000000000000")
  BigInteger maxTicketEv();

  /** The highest expected value of all tickets of one call, in wei. */
  @WithDefault("20000000000000")
  BigInteger maxTotalEv();

  /** The highest expected value of all tickets of one session, in wei. */
  @WithDefault("20000000000000000")
  BigInteger maxSessionEv();

  /** The highest expected value of all tickets of a caller in one UTC hour, in wei. */
  @WithDefault("20000000000000000")
  BigInteger maxHourlyEv();

  /** The highest expected value of all tickets of a caller in one UTC day, in wei. */
  @WithDefault("50000000000000000")
  BigInteger maxDailyEv();

  /**
   * The highest expected value of all tickets signed for a tenant, with any token, in one UTC hour,
   * in wei.
   */
  @WithDefault("20000000000000000")
  BigInteger maxTenantHourlyEv();

  /**
   * The highest expected value of all tickets signed for a tenant, with any token, in one UTC day,
   * in wei.
   */
  @WithDefault("50000000000000000")
  BigInteger maxTenantDailyEv();

  /** The highest expected value of all tickets for one orchestrator in one UTC hour, in wei. */
  @WithDefault("50000000000000000")
  BigInteger maxOrchestratorHourlyEv();

  /** The highest expected value of all tickets for one orchestrator in one UTC day, in wei. */
  @WithDefault("100000000000000000")
  BigInteger maxOrchestratorDailyEv();

  /** The highest expected value of all tickets in one UTC hour, in wei. */
  @WithDefault("100000000000000000")
  BigInteger maxPlatformHourlyEv();

  /** The highest expected value of all tickets in one UTC day, in wei. */
  @WithDefault("500000000000000000")
  BigInteger maxPlatformDailyEv();

  /** A ticket's face value times this must not be above the deposit. */
  @WithDefault("1")
  int depositMultiplier();

  /** The highest price of all tiers, in wei per unit; absent for no ceiling. */
  Optional<BigDecimal> maxPricePerUnit();

  /**
   * The highest price of a model, in wei per unit, by {@code capability/model} or {@code
   * capability/default}; a job that needs several models may cost their sum. Where none applies,
   * {@code max-price-per-unit} does: a caller that names no model is held to that.
   */
  Map<String, BigDecimal> maxPricePerCapability();

  /** The callers that may ask for payments, by name. */
  Map<String, CallerConfig> callers();

  /** One caller: a gateway, or a tenant's own program. */
  interface CallerConfig {
    /** Sent as a bearer token, or as the password of basic authentication. */
    Secret token();

    /** The gateway's name in the routing table; this or {@code tenant}. */
    Optional<String> gateway();

    /** The tenant, {@code ten_...}; this or {@code gateway}. */
    Optional<String> tenant();

    /** The tier of orchestrators it may discover and the price ceilings it has. */
    @WithDefault("standard")
    String tier();
  }
}
