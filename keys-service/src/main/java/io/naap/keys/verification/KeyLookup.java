package io.naap.keys.verification;

import io.smallrye.mutiny.Uni;
import java.util.Optional;

/** Where secrets are stored. A failed answer means that nothing is known about the key. */
public interface KeyLookup {
  /** The secret with that public id, usable or not; one read. */
  Uni<Optional<StoredSecret>> find(String publicId);
}
