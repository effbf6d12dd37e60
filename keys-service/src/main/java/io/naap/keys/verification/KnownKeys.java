package io.naap.keys.verification;

import io.smallrye.mutiny.Uni;
import java.util.Optional;

/** Keys that were presented before, asked for by their names. */
interface KnownKeys {
  /** The longest-lived secret of a key, usable or not; one read. */
  Uni<Optional<StoredSecret>> ofKey(String keyId);
}
