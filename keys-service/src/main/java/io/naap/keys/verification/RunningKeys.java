package io.naap.keys.verification;

import io.naap.contracts.ids.IdKind;
import io.naap.contracts.keys.KeyProfile;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/**
 * Whether a key under which something runs for long, such as a live stream, may still be used. Who
 * asks has long seen the key itself and does not keep it.
 */
@ApplicationScoped
public class RunningKeys {
  private final KnownKeys keys;

  RunningKeys(KnownKeys keys) {
    this.keys = keys;
  }

  /** What the key may do now; empty when it was disabled, deleted or has expired. */
  public Uni<Optional<KeyProfile>> profile(String keyId) {
    return IdKind.KEY.matches(keyId)
        ? keys.ofKey(keyId)
            .map(
                found ->
                    found
                        .filter(secret -> secret.isKeyGood() && secret.isSecretGood())
                        .map(StoredSecret::profile))
        : Uni.createFrom().item(Optional.empty());
  }
}
