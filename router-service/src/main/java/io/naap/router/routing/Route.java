package io.naap.router.routing;

/** Where a job goes. */
public record Route(Pool pool, Gateway gateway) {
  /** The value of the header {@code x-naap-route}. */
  @Override
  public String toString() {
    return "pool=" + pool.name() + ", gateway=" + gateway.name() + ", tier=" + pool.tier();
  }
}
