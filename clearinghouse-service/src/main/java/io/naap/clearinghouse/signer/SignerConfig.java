package io.naap.clearinghouse.signer;

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

  /** The most requests worked on at once; more are told to come back. */
  @WithDefault("512")
  int maxConcurrent();

  /** The most requests of one caller in a second; more get a 429. */
  @WithDefault("500")
  int maxRequestsPerSecond();

  /** The most sessions one caller may begin in a minute; each begins with a minute paid ahead. */
  @WithDefault("600")
  int maxNewSessionsPerMinute();

  /**
   * What an orchestrator must be on the chain: {@code registered} in the BondingManager, or {@code
   * any}.
   */
  @WithDefault("registered")
  String orchestrators();

  /** Only these may be paid, by address; absent for all. */
  Optional<Set<String>> allowedOrchestrators();

  /** These may never be paid, by address. */
  Optional<Set<String>> deniedOrchestrators();

  /** How many dollars of a tenant's credit a session takes at a time. */
  @WithDefault("0.05")
  BigDecimal holdUsd();

  /** A session that has not paid for so long gives back what it holds. */
  @WithDefault("2m")
  Duration holdIdle();

  /** What tenants pay on top of the tickets' expected value, as a fraction of it. */
  @WithDefault("0")
  BigDecimal markup();

  /** Where clients find the signer, as it goes into the SDK's token; absent for no tokens. */
  Optional<URI> publicUrl();

  /** The tier of tenants' own tokens. */
  @WithDefault("standard")
  String tokenTier();

  /** Shown by a stock signer that asks for leave; absent while there is none. */
  Optional<Secret> webhookSecret();

  /** How long a price that a caller was asked for counts when that caller discovers. */
  @WithDefault("10m")
  Duration priceMemory();

  /** The orchestrators callers are told of, by tier. */
  Map<String, TierConfig> tiers();

  /** One tier's orchestrators. */
  interface TierConfig {
    /** By any name. */
    Map<String, OrchestratorConfig> orchestrators();

    /** The tier's own price ceiling, in wei per unit. */
    Optional<BigDecimal> maxPricePerUnit();

    /** The tier's own ceilings in wei per unit, as those of all tiers. */
    Map<String, BigDecimal> maxPricePerCapability();
  }

  /** One orchestrator. */
  interface OrchestratorConfig {
    /** Absolute. */
    URI url();

    /** As {@code pipeline/model}; absent for all. */
    Optional<Set<String>> capabilities();

    /** A preference among them. */
    @WithDefault("1")
    int score();

    /** What it asks for, where that is known, in wei per unit. */
    Optional<BigDecimal> pricePerUnit();

    /**
     * What it asks for a model, by {@code pipeline/model}, where that is known, in wei per unit.
     */
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

  /** The highest price, in wei per unit; absent for no ceiling of ours. */
  Optional<BigDecimal> maxPricePerUnit();

  /**
   * The highest price of a model, in wei per unit, by {@code capability/model} or {@code
   * capability/default}; a job that needs several models may cost their sum. Where none applies,
   * {@code max-price-per-unit} does: a caller that names no model is held to that.
   */
  Map<String, BigDecimal> maxPricePerCapability();

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

    /** Which orchestrators it is told of, and at what prices. */
    @WithDefault("standard")
    String tier();
  }
}
