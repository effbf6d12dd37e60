package io.naap.router.routing;

import java.util.List;
import java.util.Optional;

/**
 * What go-livepeer is asked for in every job of a tenant, where it honours such a wish.
 *
 * @param orchestrator a part of the orchestrator's address, for live AI ({@code orchestrator=})
 * @param include orchestrators a BYOC job may go to, their whole addresses; empty for any
 * @param exclude orchestrators a BYOC job may not go to
 */
public record Affinity(Optional<String> orchestrator, List<String> include, List<String> exclude) {
  public static final Affinity NONE = new Affinity(Optional.empty(), List.of(), List.of());

  public Affinity {
    include = List.copyOf(include);
    exclude = List.copyOf(exclude);
  }

  public boolean hasByoc() {
    return !include.isEmpty() || !exclude.isEmpty();
  }
}
