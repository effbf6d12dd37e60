package io.naap.auth.siwe;

import io.naap.auth.audit.Origin;
import io.naap.auth.metrics.AuthMetrics;
import io.naap.auth.session.Sessions;
import io.naap.auth.session.Tokens;
import io.naap.auth.tenant.AuthConfig;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.time.Clock;
import java.util.Optional;

/**
 * Signs people in. The nonce is used up before any cryptography, so each message is verified at
 * most once.
 */
@ApplicationScoped
public class SignIn {
  private final Nonces nonces;
  private final Sessions sessions;
  private final AuthMetrics metrics;
  private final Accounts accounts;
  private final SiweRules rules;

  SignIn(
      Nonces nonces,
      Sessions sessions,
      Chains chains,
      AuthMetrics metrics,
      SiweConfig config,
      AuthConfig auth,
      Clock clock) {
    this.nonces = nonces;
    this.sessions = sessions;
    this.accounts = new Accounts(chains);
    this.metrics = metrics;
    this.rules =
        new SiweRules(
            URI.create(auth.issuer()),
            config.domain(),
            config.chainIds(),
            config.skew(),
            config.maxLife(),
            clock);
  }

  /** The result of a sign-in. */
  sealed interface Outcome {
    /** The signature is valid and a session was opened. */
    record SignedIn(Tokens tokens) implements Outcome {}

    /** The text is not an EIP-4361 message. */
    record Malformed(String why) implements Outcome {}

    /**
     * The sign-in was refused.
     *
     * @param code for programs
     * @param why for the person
     */
    record Refused(String code, String why) implements Outcome {}

    /**
     * The chain's endpoint did not answer, so the signature could not be verified; the nonce is
     * used up.
     */
    record Unknown() implements Outcome {}
  }

  /**
   * Verifies a signed message and opens a session.
   *
   * @param binding the cookie that the client got with its nonce; null when it sends none
   */
  Outcome verify(String text, String signature, String binding, Origin origin) {
    return switch (SiweMessage.read(text)) {
      case SiweMessage.Reading.Refused refused -> {
        metrics.signInRefused("malformed");
        yield new Outcome.Malformed(refused.why());
      }
      case SiweMessage.Reading.Read read -> judge(text, read.message(), signature, binding, origin);
    };
  }

  private Outcome judge(
      String text, SiweMessage message, String signature, String binding, Origin origin) {
    if (!nonces.consume(message.nonce(), binding)) {
      return refuse(
          "nonce",
          "invalid_nonce",
          "The nonce is unknown, used, expired or another client's: ask for a new one.");
    }
    Optional<String> objection = rules.objection(message);
    if (objection.isPresent()) {
      return refuse("rules", "invalid_message", objection.get() + ".");
    }
    return switch (accounts.judge(message, text, signature)) {
      case Accounts.Verdict.Proven proven ->
          sessions
              .open(proven.account(), origin)
              .<Outcome>map(
                  tokens -> {
                    metrics.signedIn();
                    return new Outcome.SignedIn(tokens);
                  })
              .orElseGet(() -> refuse("suspended", "tenant_suspended", "The tenant is suspended."));
      case Accounts.Verdict.Unproven unproven ->
          refuse("signature", unproven.code(), unproven.why());
      case Accounts.Verdict.Unknown ignored -> {
        metrics.signInRefused("chain_unavailable");
        yield new Outcome.Unknown();
      }
    };
  }

  private Outcome refuse(String reason, String code, String why) {
    metrics.signInRefused(reason);
    return new Outcome.Refused(code, why);
  }
}
