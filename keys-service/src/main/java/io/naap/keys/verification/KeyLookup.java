package io.naap.keys.verification;

import io.smallrye.mutiny.Uni;
import java.util.Optional;

/** Looks up stored secrets. A failure means that nothing is known about the key. */
public interface KeyLookup {
  /** The secret with that public id, valid or not; one read. */
  Uni<Optional<StoredSecret>> find(String publicId);
}
