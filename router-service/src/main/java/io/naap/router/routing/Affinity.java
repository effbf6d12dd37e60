package io.naap.router.routing;

import java.util.List;
import java.util.Optional;

/**
 * The orchestrators that the operator chose for a tenant's jobs. go-livepeer honours them for live
 * AI and BYOC.
 *
 * @param orchestrator a part of the orchestrator's address, for live AI ({@code orchestrator=})
 * @param include whole addresses of orchestrators that BYOC jobs may go to; empty for any
 * @param exclude whole addresses of orchestrators that BYOC jobs may not go to
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
