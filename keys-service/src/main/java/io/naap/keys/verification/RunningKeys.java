package io.naap.keys.verification;

import io.naap.contracts.ids.IdKind;
import io.naap.contracts.keys.KeyProfile;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/**
 * Checks whether the key of a long-running job, such as a live stream, may still be used. The
 * caller has seen the key itself earlier and did not keep it.
 */
@ApplicationScoped
public class RunningKeys {
  private final KnownKeys keys;

  RunningKeys(KnownKeys keys) {
    this.keys = keys;
  }

  /** The key's current profile; empty when the key is unknown, disabled, deleted or expired. */
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
