package io.naap.clearinghouse.signer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.clearinghouse.chain.Chain;
import io.naap.clearinghouse.metrics.ClearinghouseMetrics;
import io.naap.clearinghouse.signer.config.SignerConfig;
import io.naap.clearinghouse.signer.killswitch.KillSwitches;
import io.naap.clearinghouse.signer.orchestrators.Discovery;
import io.naap.clearinghouse.signer.orchestrators.SeenPrices;
import io.naap.clearinghouse.signer.payment.LivePayments;
import io.naap.clearinghouse.signer.payment.PaymentOutcome;
import io.naap.clearinghouse.signer.payment.PaymentStages;
import io.naap.clearinghouse.signer.protocol.PaymentRefusal;
import io.naap.clearinghouse.signer.protocol.PaymentRequest;
import io.naap.clearinghouse.signer.tokens.RateLimit;
import io.naap.clearinghouse.signer.tokens.SignerCaller;
import io.naap.clearinghouse.wallet.HotWallet;
import io.naap.clearinghouse.wallet.Keccak;
import io.naap.clearinghouse.wallet.Wallet;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/** What each endpoint answers an authenticated caller. Blocks. */
@Singleton
class SignerEndpoints {
  private static final Logger LOG = Logger.getLogger(SignerEndpoints.class);
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final String RETRY_AFTER = "Retry-After";

  private final Optional<Wallet> wallet;
  private final Optional<LivePayments> payments;
  private final KillSwitches switches;
  private final Discovery discovery;
  private final RateLimit newSessions;
  private final ClearinghouseMetrics metrics;
  private final Clock clock;

  SignerEndpoints(
      HotWallet hotWallet,
      Chain chain,
      PaymentStages stages,
      KillSwitches switches,
      SignerConfig config,
      ClearinghouseMetrics metrics,
      Clock clock) {
    SeenPrices prices = new SeenPrices(config.priceMemory());
    this.wallet = hotWallet.get();
    this.payments = wallet.map(own -> stages.with(own, chain, prices));
    this.switches = switches;
    this.discovery = new Discovery(config, prices);
    this.newSessions =
        new RateLimit(config.maxNewSessionsPerMinute(), Duration.ofMinutes(1).toNanos());
    this.metrics = metrics;
    this.clock = clock;
  }

  /**
   * Answers.
   *
   * @param capabilities the {@code caps} of the query
   */
  Reply answer(Endpoint endpoint, SignerCaller caller, List<String> capabilities, String body) {
    return switch (endpoint) {
      case SIGN_INFO -> signInfo(caller);
      case PAY -> pay(caller, body);
      case DISCOVER -> discover(caller, capabilities);
    };
  }

  private Reply signInfo(SignerCaller caller) {
    try {
      if (switches.stop(caller)) {
        return Reply.refused(403, "signing is stopped");
      }
    } catch (RuntimeException away) {
      // Nothing is signed when it is unknown whether a kill switch is on.
      LOG.warnf(away, "the kill switches could not be read");
      return Reply.refused(503, "Postgres does not answer");
    }
    String address = wallet.orElseThrow().address().toString();
    byte[] hash = Keccak.hash(address.getBytes(StandardCharsets.US_ASCII));
    byte[] signature = wallet.orElseThrow().sign(hash).toByteArray();
    return Reply.ok(
        JSON.objectNode()
            .put("address", address)
            .put("signature", "0x" + HexFormat.of().formatHex(signature)));
  }

  private Reply discover(SignerCaller caller, List<String> capabilities) {
    ArrayNode found = discovery.orchestrators(caller, capabilities, clock.instant());
    return found.isEmpty()
        ? Reply.refused(503, "the caller's tier has no such orchestrators")
        : Reply.ok(found);
  }

  private Reply pay(SignerCaller caller, String body) {
    if (PaymentRequest.beginsASession(body)
        && !newSessions.take(caller.name(), System.nanoTime())) {
      metrics.paymentRefused("session_rate");
      return Reply.refused(429, "too many new sessions").with(RETRY_AFTER, "1");
    }
    return switch (payments.orElseThrow().pay(caller, body)) {
      case PaymentOutcome.Paid paid -> {
        ObjectNode json =
            JSON.objectNode()
                .put("payment", paid.payment())
                .put("segCreds", paid.segmentCredentials());
        json.putObject("state").put("State", paid.state()).put("Sig", paid.signature());
        yield Reply.ok(json);
      }
      case PaymentOutcome.Refused refused -> refused(caller, refused.refusal());
    };
  }

  private static Reply refused(SignerCaller caller, PaymentRefusal refusal) {
    LOG.debugf(
        "payment refused, caller=%s status=%d reason=%s",
        caller.name(), refusal.status(), refusal.message());
    Reply reply = Reply.refused(refusal.status(), refusal.message());
    if (refusal.status() == 429) {
      return reply.with(RETRY_AFTER, "60");
    }
    return refusal
        .orchestratorUrl()
        .filter(SignerEndpoints::isHeaderValue)
        .map(url -> reply.with("Livepeer-Orchestrator-URL", url))
        .orElse(reply);
  }

  private static boolean isHeaderValue(String text) {
    return !text.isEmpty() && text.chars().allMatch(c -> c > ' ' && c < 0x7f);
  }
}
