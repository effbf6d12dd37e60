package io.naap.clearinghouse.signer;

import io.naap.clearinghouse.signer.config.SignerConfig;
import io.naap.clearinghouse.signer.tokens.SignerCaller;
import io.naap.clearinghouse.signer.tokens.SignerCallers;
import io.naap.clearinghouse.signer.tokens.SignerTokens;
import io.naap.contracts.identity.Trust;
import jakarta.inject.Singleton;
import java.util.Optional;

/** The authenticate stage: who sent a credential, and whether its tenant is suspended. */
@Singleton
class CallerAuthentication {
  private final SignerCallers callers;
  private final SignerTokens tokens;
  private final Trust trust;

  CallerAuthentication(SignerConfig config, SignerTokens tokens, Trust trust) {
    this.callers = new SignerCallers(config.callers());
    this.tokens = tokens;
    this.trust = trust;
  }

  /** The outcome of authentication. */
  sealed interface Authentication {
    record Known(SignerCaller caller) implements Authentication {}

    record Suspended() implements Authentication {}

    record Unknown() implements Authentication {}
  }

  /** Decides from memory; absent when {@link #lookUp} must ask Postgres. */
  Optional<Authentication> remembered(SignerCallers.Credential credential) {
    Optional<SignerCaller> configured = callers.find(credential);
    if (configured.isPresent() || !credential.token().startsWith(SignerTokens.PREFIX)) {
      return Optional.of(judge(configured));
    }
    return tokens.remembered(credential.token()).map(this::judge);
  }

  /** Asks Postgres whose token it is; blocks. */
  Authentication lookUp(SignerCallers.Credential credential) {
    return judge(tokens.find(credential.token()));
  }

  private Authentication judge(Optional<SignerCaller> caller) {
    if (caller.isEmpty()) {
      return new Authentication.Unknown();
    }
    return caller.get().tenant().filter(trust::isSuspended).isPresent()
        ? new Authentication.Suspended()
        : new Authentication.Known(caller.get());
  }
}
