package io.naap.contracts.identity;

import io.smallrye.mutiny.Uni;
import java.util.Optional;

/** Where the {@link TrustDocument} comes from. */
public interface TrustSource {
  /**
   * Reads the document; empty when it is still the known version. A failure leaves the last one in
   * force.
   *
   * @param knownVersion empty at first
   */
  Uni<Optional<TrustDocument>> read(String knownVersion);
}
