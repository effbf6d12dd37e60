package io.naap.keys.verification;

import io.smallrye.mutiny.Uni;
import java.util.Optional;

/** Looks up keys by id, for services that resolved them before. */
interface KnownKeys {
  /** The secret of a key that stays valid longest, valid or not; one read. */
  Uni<Optional<StoredSecret>> ofKey(String keyId);
}
