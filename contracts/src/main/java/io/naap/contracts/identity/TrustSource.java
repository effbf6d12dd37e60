package io.naap.contracts.identity;

import io.smallrye.mutiny.Uni;
import java.util.Optional;

/** Reads the {@link TrustDocument}. */
public interface TrustSource {
  /**
   * Reads the document; empty when its version is still the known one. When reading fails, the last
   * document stays in force.
   *
   * @param knownVersion the version read last; empty at first
   */
  Uni<Optional<TrustDocument>> read(String knownVersion);
}
